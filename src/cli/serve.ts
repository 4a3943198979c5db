import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorkerdStructuredLog } from "miniflare";
import { type DataFolder, openDataFolder, unusable } from "./data-folder.ts";
import { awakeRoomsFor, descriptorLimit, descriptorWarning } from "./descriptors.ts";
import { type Engine, loadEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { assertFree, displayHost, portInUse } from "./listen.ts";
import { LogRecorder } from "./log-record.ts";
import { assertNothingLost } from "./lost-files.ts";
import { FRONT, miniflareOptions, type Served } from "./miniflare-options.ts";
import { tidyObjectFiles } from "./object-files.ts";
import { bundle, findBuild, findConfig, listModules, type Project, runBuild } from "./project.ts";
import { classProblems } from "./room-classes.ts";
import { Runtime } from "./runtime.ts";
import { Supervisor } from "./supervisor.ts";

/** How long answers under way may take once the server is asked to stop. workerd also waits for open sockets. */
const DRAIN_LIMIT_MS = 2000;

/** How long databases may be tidied before workerd starts, and after it has ended. The rest waits for another time. */
const TIDY_AT_START_MS = 2000;
const TIDY_AT_STOP_MS = 1000;

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
  /** Start although files are missing without which rooms are empty. */
  readonly acceptDataLoss?: boolean;
  /** What the Worker logs, line by line; by default to this process's output. */
  readonly onLog?: (log: WorkerdStructuredLog) => void;
}

export interface RunningServer {
  readonly url: string;
  /** The process id of workerd; undefined while none runs. */
  readonly pid: number | undefined;
  /** Rejects with a Failure when workerd keeps crashing; never settles otherwise. */
  readonly failed: Promise<never>;
  /** Lets answers under way finish, for two seconds at most, then ends workerd. What was acknowledged is on disk. */
  close(): Promise<void>;
  /** The same without waiting for any answer. */
  kill(): Promise<void>;
}

// Servers of one process start one after the other, so that each finds its own workerd.
let starting: Promise<unknown> = Promise.resolve();

/**
 * Runs a Worker with its Durable Objects, buckets, databases, queues and static files in one workerd process,
 * without Cloudflare. Serves the build that a tool such as Vite left, else bundles the Worker as wrangler would.
 * Throws a Failure for what the caller can mend: no configuration, a port or a folder in use, a Worker that does not
 * build.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const configPath = findConfig(options.config, process.cwd());
  const engine = loadEngine(dirname(configPath));
  const folder = await openDataFolder(options.dataDir);
  try {
    assertNothingLost(folder.path, options.acceptDataLoss ?? false, report);
    await assertFree(options.port, options.host);
    if (options.build !== undefined) await runBuild(options.build, dirname(configPath));
    const build = findBuild(configPath);
    const [project, ...beside] = await Promise.all([
      prepare(engine, build?.configPath ?? configPath, folder.path),
      ...(build?.beside ?? []).map((other) => prepare(engine, other, folder.path)),
    ]);
    tidyObjectFiles(folder.path, TIDY_AT_START_MS);
    const descriptors = descriptorLimit();
    const warning = descriptorWarning(descriptors);
    if (warning !== undefined) report(warning);
    return await serve(
      engine,
      {
        ...options,
        dataDir: folder.path,
        scratchDir: folder.scratch,
        awakeRooms: awakeRoomsFor(descriptors),
        project,
        beside,
      },
      folder,
    );
  } catch (error) {
    folder.release();
    throw explained(error, folder.path);
  }
}

/** What the system or the runtime refused, without a stack trace: there is no fault in this code to find by it. */
function explained(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error) || error instanceof Failure || !("code" in error)) return error;
  const inDataDir = "path" in error && typeof error.path === "string" && error.path.startsWith(dataDir);
  return inDataDir ? unusable(dataDir, error.message) : new Failure(error.message.trim());
}

function report(line: string): void {
  console.error(`roomcast: ${line}`);
}

async function serve(engine: Engine, served: Served, folder: DataFolder): Promise<RunningServer> {
  const logs = new LogRecorder(folder.path);
  const { supervisor, port } = await Supervisor.start({
    launch: (port = served.port) => launch(engine, { ...served, port }),
    report,
  }).catch(async (error: unknown) => {
    await logs.stop();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  const stop = async (drainMs: number): Promise<void> => {
    // Also while another stop still waits for answers: that one then finds workerd ended.
    const ended = supervisor.stop(drainMs);
    stopped ??= Promise.all([ended, logs.stop()])
      .then(() => tidy(folder))
      .finally(() => {
        logs.update();
        folder.release();
      });
    await stopped;
  };
  return {
    url: `http://${displayHost(served.host)}:${port}`,
    get pid() {
      return supervisor.pid;
    },
    failed: supervisor.failed,
    close: () => stop(DRAIN_LIMIT_MS),
    kill: () => stop(0),
  };
}

/** After workerd has ended. */
function tidy(folder: DataFolder): void {
  const { left } = tidyObjectFiles(folder.path, TIDY_AT_STOP_MS);
  if (left > 0) report(`${left} databases keep a -wal file, which belongs to them: copy both.`);
}

/** Rejects with a Failure when workerd does not come up. */
function launch(engine: Engine, served: Served): Promise<Runtime> {
  const start = starting.then(() => Runtime.start(engine, FRONT, miniflareOptions(engine, served), served.scratchDir));
  starting = start.catch(() => undefined);
  return start.catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_ADDRESS_IN_USE") throw portInUse(served.port, served.host);
    throw error;
  });
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
  const config = parseConfig(engine, path);
  if (typeof config !== "object" || config === null || !("main" in config) || typeof config.main !== "string") {
    throw new Failure(`${path} names no "main" Worker.`);
  }
  for (const problem of classProblems(config)) console.error(`roomcast: ${problem}`);
  const built = "no_bundle" in config && config.no_bundle === true;
  if (built && !existsSync(config.main)) {
    throw new Failure(`${path} names a Worker that is not there: ${config.main}. Build the project first.`);
  }
  return { name: "name" in config && typeof config.name === "string" ? config.name : "app", main: config.main, built };
}

function parseConfig(engine: Engine, path: string): unknown {
  try {
    // Its type needs packages that wrangler does not bring.
    return engine.wrangler.unstable_readConfig({ config: path }, { hideWarnings: true });
  } catch (error) {
    throw new Failure(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
