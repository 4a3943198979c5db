import { Failure } from "./failure.ts";
import { onOrphaned } from "./orphan.ts";
import type { RunningServer } from "./serve.ts";

/** The oldest Node that brings SQLite; Miniflare and wrangler run on a little older ones. */
const OLDEST_NODE = { major: 22, minor: 13 };
/** From the first signal to the end, whatever happens. */
const STOP_LIMIT_MS = 4500;
/** From the second signal to the end. */
const KILL_LIMIT_MS = 500;

export interface StartOptions {
  readonly config?: string;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly build?: string;
  readonly trustProxy?: number;
  readonly allowedHosts?: readonly string[];
  readonly acceptDataLoss?: boolean;
}

/** `roomcast start`: serves until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  assertNode();
  const stopper = new Stopper();
  const { startServer } = await import("./serve.ts");
  const server = await startServer(options);
  stopper.server = server;
  console.log(`Serving on ${server.url} (data in ${options.dataDir}). Stop with Ctrl-C.`);
  await server.failed.catch((error: unknown) => {
    console.error(`roomcast: ${error instanceof Error ? error.message : String(error)}`);
    stopper.giveUp();
  });
}

function assertNode(): void {
  const { major, minor } = OLDEST_NODE;
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Failure(
    `"roomcast start" needs Node ${major}.${minor} or newer, and this is ${process.version}. ` +
      "npm install --save-dev node@24 brings one to the scripts of this project.",
  );
}

/**
 * Ends this process on a signal, or when npm has ended. The first signal lets answers under way finish, the second
 * does not, and the third does not even tidy up. Whatever happens, this process ends within STOP_LIMIT_MS, and takes
 * its children with it.
 */
class Stopper {
  /** Absent while it starts: then nothing was acknowledged, and there is nothing to wait for. */
  server: RunningServer | undefined;
  #asked = 0;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => this.#ask(signal));
    onOrphaned(() => this.#ask("the end of npm"));
    // A terminal that has closed cannot be written to; that must not stop the stopping.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  }

  /** Ends with exit code 1, without a signal. */
  giveUp(): void {
    this.#asked += 1;
    process.exitCode = 1;
    this.#end(STOP_LIMIT_MS, (server) => server.kill());
  }

  #ask(reason: string): void {
    this.#asked += 1;
    if (this.#asked === 1) {
      console.log(`Stopping on ${reason}.`);
      this.#end(STOP_LIMIT_MS, (server) => server.close());
      return;
    }
    process.exitCode = 1;
    if (this.#asked > 2) process.exit();
    this.#end(KILL_LIMIT_MS, (server) => server.kill());
  }

  #end(limitMs: number, stop: (server: RunningServer) => Promise<void>): void {
    if (this.server === undefined) process.exit();
    setTimeout(() => process.exit(1), limitMs);
    stop(this.server).then(
      () => process.exit(),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  }
}
