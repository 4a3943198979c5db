import type { Log, Request, Response, V4MiniflareOptions, V4WorkerOptions, WorkerdStructuredLog } from "miniflare";
import { AWAKE_ROOMS_BINDING } from "./descriptors.ts";
import type { Engine } from "./engine.ts";
import { FRONT_WORKER, type FrontSettings, frontBindings } from "./front.ts";
import { PAUSE_BINDING, PAUSE_WORKER } from "./pause.ts";
import type { Project } from "./project.ts";
import { SOCKETS_BINDING, watchPeers } from "./socket-monitor.ts";
import { isMalformedRequest } from "./runtime-log.ts";

/** The name of the Worker that owns the public socket. */
export const FRONT = "roomcast:front";

const PAUSE = "roomcast:pause";

export interface Served extends FrontSettings {
  /** 0 takes a free one. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** How many rooms one network address may keep awake. */
  readonly awakeRooms: number;
  /** Absolute; for what need not outlive this process. */
  readonly scratchDir: string;
  readonly onLog?: (log: WorkerdStructuredLog) => void;
  readonly project: Project;
  /** Workers that run beside the one that is served. */
  readonly beside: readonly Project[];
}

/** What Miniflare is to run: the front Worker, and behind it the project's. */
export function miniflareOptions(engine: Engine, served: Served): V4MiniflareOptions {
  const { host, port, project, beside } = served;
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    logRequests: false,
    log: quiet(engine),
    handleStructuredLogs: (log) => {
      if (!isMalformedRequest(log.message)) (served.onLog ?? print)(log);
    },
    resourcePersistencePath: served.dataDir,
    workers: [
      {
        name: FRONT,
        modules: true,
        script: FRONT_WORKER,
        compatibilityDate: "2026-01-01",
        bindings: frontBindings(served),
        serviceBindings: { APP: project.name },
        unsafeDirectSockets: [{ host, port, proxy: true }],
      },
      { name: PAUSE, modules: true, script: PAUSE_WORKER, compatibilityDate: "2026-01-01" },
      ...[project, ...beside].flatMap((each) => workersOf(engine, served, each)),
    ],
  };
}

function workersOf(engine: Engine, { awakeRooms }: Served, project: Project): V4WorkerOptions[] {
  const { configPath, name, modulesRoot, modules } = project;
  const { workerOptions, externalWorkers } = engine.wrangler.unstable_getMiniflareWorkerOptions(configPath);
  const { modulesRules: _, ...settings } = workerOptions;
  const bound = settings["serviceBindings"] as Readonly<Record<string, string>> | undefined;
  const serviceBindings = { ...bound, [PAUSE_BINDING]: PAUSE, [SOCKETS_BINDING]: socketsService(engine) };
  const variables = settings["bindings"] as Readonly<Record<string, string>> | undefined;
  const bindings = { ...variables, [AWAKE_ROOMS_BINDING]: awakeRooms };
  return [{ ...settings, bindings, serviceBindings, name, modulesRoot, modules: [...modules] }, ...externalWorkers];
}

/** Answers rooms that ask which of their clients read. */
function socketsService({ miniflare: { Response } }: Engine): (request: Request) => Promise<Response> {
  return async (request) => {
    const states = await watchPeers((await request.json()) as readonly string[]);
    return states === undefined ? new Response(null, { status: 501 }) : Response.json(states);
  };
}

function quiet(engine: Engine): Log {
  return new engine.miniflare.Log(engine.miniflare.LogLevel.WARN, { prefix: "roomcast" });
}

function print({ level, message }: WorkerdStructuredLog): void {
  const stream = level === "error" || level === "warn" ? process.stderr : process.stdout;
  stream.write(`${message}\n`);
}
