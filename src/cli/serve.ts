import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log, Miniflare, V4MiniflareOptions, V4WorkerOptions, WorkerdStructuredLog } from "miniflare";
import { type Engine, loadEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { FRONT_WORKER, frontBindings } from "./front.ts";
import { PAUSE_BINDING, PAUSE_WORKER } from "./pause.ts";
import { bundle, findBuild, findConfig, listModules, type Project, runBuild } from "./project.ts";
import { classProblems } from "./room-classes.ts";
import { isMalformedRequest } from "./runtime-log.ts";
import { RuntimeProcess } from "./runtime-process.ts";

/** How long answers under way may take once the server is asked to stop, in milliseconds. */
const DRAIN_LIMIT = 3000;

/** A port in use is tried again this often, so far apart in milliseconds. */
const PORT_TRIES = 5;
const PORT_PAUSE = 200;

export interface ServerOptions {
  /** Path of a wrangler configuration; by default the one in the working directory. */
  readonly config?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
  /** Where rooms, buckets, databases and queues keep their data; made when missing. */
  readonly dataDir: string;
  /** How many proxies in front set `X-Forwarded-For` and `X-Forwarded-Proto`, which are then believed; by default none. */
  readonly trustProxy?: number;
  /** Host names that requests may come for besides loopback names; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** A shell command that builds the project, run in the configuration's folder before anything is served. */
  readonly build?: string;
  /** What the Worker logs, line by line; by default to this process's output. */
  readonly onLog?: (log: WorkerdStructuredLog) => void;
}

export interface RunningServer {
  readonly url: string;
  /** The process id of workerd. */
  readonly pid: number | undefined;
  /** Lets answers under way finish, for a few seconds at most, then ends workerd. What was acknowledged is on disk. */
  close(): Promise<void>;
  /** Ends workerd at once. */
  kill(): Promise<void>;
}

// Servers of one process start one after the other, so that each finds its own workerd.
let starting: Promise<unknown> = Promise.resolve();

/**
 * Runs a Worker with its Durable Objects, buckets, databases, queues and static files in one workerd process,
 * without Cloudflare. Serves the build that a tool such as Vite left, else bundles the Worker as wrangler would.
 * Throws a Failure for what the caller can mend: no configuration, a port in use, a Worker that does not build.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const configPath = findConfig(options.config, process.cwd());
  const engine = loadEngine(dirname(configPath));
  await assertFree(options.port, options.host);
  if (options.build !== undefined) await runBuild(options.build, dirname(configPath));
  const build = findBuild(configPath);
  const folder = resolve(options.dataDir);
  const [project, ...beside] = await Promise.all([
    prepare(engine, build?.configPath ?? configPath, folder),
    ...(build?.beside ?? []).map((other) => prepare(engine, other, folder)),
  ]);
  const start = starting.then(() => run(engine, project, beside, options));
  starting = start.catch(() => undefined);
  return start;
}

async function prepare(engine: Engine, configPath: string, dataDir: string): Promise<Project> {
  const { name, main, built } = readConfig(engine, configPath);
  const code = built
    ? { modules: listModules(dirname(main), main), modulesRoot: dirname(main) }
    : await bundle(engine, configPath, main, join(dataDir, "bundle"));
  return { name, configPath, ...code };
}

interface WorkerConfig {
  readonly name: string;
  /** Absolute. */
  readonly main: string;
  /** The code is to be run as it stands. */
  readonly built: boolean;
}

function readConfig(engine: Engine, path: string): WorkerConfig {
  // Its type needs packages that wrangler does not bring.
  const config: unknown = engine.wrangler.unstable_readConfig({ config: path }, { hideWarnings: true });
  if (typeof config !== "object" || config === null || !("main" in config) || typeof config.main !== "string") {
    throw new Failure(`${path} names no "main" Worker.`);
  }
  for (const problem of classProblems(config)) console.error(`roomcast: ${problem}`);
  return {
    name: "name" in config && typeof config.name === "string" ? config.name : "app",
    main: config.main,
    built: "no_bundle" in config && config.no_bundle === true,
  };
}

async function run(
  engine: Engine,
  project: Project,
  beside: readonly Project[],
  options: ServerOptions,
): Promise<RunningServer> {
  const { Miniflare } = engine.miniflare;
  const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => ({ name, before: process.listeners(name) }));
  const runtime = new RuntimeProcess();
  const miniflare: Miniflare = new Miniflare(
    engine.miniflare.convertV4MiniflareOptions(describe(engine, project, beside, options)),
  );
  // Miniflare ends the process on a signal, before anything can drain. Whoever started the server decides.
  for (const { name, before } of signals) {
    for (const listener of process.listeners(name)) if (!before.includes(listener)) process.off(name, listener);
  }
  let ended: Promise<void> | undefined;
  const end = () => {
    if (ended === undefined) {
      runtime.release();
      ended = miniflare.dispose();
    }
    return ended;
  };
  try {
    await miniflare.ready;
    const { port } = await miniflare.unsafeGetDirectURL(FRONT);
    runtime.settle();
    return {
      url: `http://${displayHost(options.host)}:${port}`,
      get pid() {
        return runtime.pid;
      },
      close: async () => {
        // At the very moment that workerd ends: Miniflare would take it for a crash and start another.
        await runtime.drain(DRAIN_LIMIT, () => void end());
        await end();
      },
      kill: end,
    };
  } catch (error) {
    await end().catch(() => undefined);
    if (error instanceof Error && "code" in error && error.code === "ERR_ADDRESS_IN_USE")
      throw inUse(options.port, options.host);
    throw error;
  }
}

const FRONT = "roomcast:front";
const PAUSE = "roomcast:pause";

function describe(
  engine: Engine,
  project: Project,
  beside: readonly Project[],
  options: ServerOptions,
): V4MiniflareOptions {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    logRequests: false,
    log: quiet(engine),
    handleStructuredLogs: (log) => {
      if (!isMalformedRequest(log.message)) (options.onLog ?? print)(log);
    },
    resourcePersistencePath: dataDir,
    workers: [
      {
        name: FRONT,
        modules: true,
        script: FRONT_WORKER,
        compatibilityDate: "2026-01-01",
        bindings: frontBindings(options),
        serviceBindings: { APP: project.name },
        unsafeDirectSockets: [{ host: options.host, port: options.port, proxy: true }],
      },
      { name: PAUSE, modules: true, script: PAUSE_WORKER, compatibilityDate: "2026-01-01" },
      ...[project, ...beside].flatMap((each) => workersOf(engine, each)),
    ],
  };
}

function workersOf(engine: Engine, { configPath, name, modulesRoot, modules }: Project): V4WorkerOptions[] {
  const { workerOptions, externalWorkers } = engine.wrangler.unstable_getMiniflareWorkerOptions(configPath);
  const { modulesRules: _, ...settings } = workerOptions;
  const bound = settings["serviceBindings"] as Readonly<Record<string, string>> | undefined;
  const serviceBindings = { ...bound, [PAUSE_BINDING]: PAUSE };
  return [{ ...settings, serviceBindings, name, modulesRoot, modules: [...modules] }, ...externalWorkers];
}

function quiet(engine: Engine): Log {
  return new engine.miniflare.Log(engine.miniflare.LogLevel.WARN, { prefix: "roomcast" });
}

function print({ level, message }: WorkerdStructuredLog): void {
  const stream = level === "error" || level === "warn" ? process.stderr : process.stdout;
  stream.write(`${message}\n`);
}

/** Rejects with a Failure when the port stays taken: a server that is just ending gets a moment to let go. */
async function assertFree(port: number, host: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const error = await listenOnce(port, host);
    if (error === undefined) return;
    if (error.code === "EACCES") throw new Failure(`Port ${port} needs more rights than this user has.`);
    if (error.code !== "EADDRINUSE") throw new Failure(`Cannot listen on ${host}:${port}: ${error.message}`);
    if (tries === PORT_TRIES) throw inUse(port, host);
    await sleep(PORT_PAUSE);
  }
}

function listenOnce(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((settle) => {
    const probe = createServer();
    probe.once("error", settle);
    probe.listen(port, host, () => probe.close(() => settle(undefined)));
  });
}

function inUse(port: number, host: string): Failure {
  return new Failure(`Port ${port} on ${displayHost(host)} is in use. Choose another with --port or PORT.`);
}

function displayHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "127.0.0.1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
