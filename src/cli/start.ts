import { Failure } from "./failure.ts";
import { onOrphaned } from "./orphan.ts";
import type { RunningServer } from "./serve.ts";

/** The oldest Node that miniflare and wrangler run on. */
const OLDEST_NODE = 22;

export interface StartOptions {
  readonly config?: string;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly build?: string;
  readonly trustProxy?: number;
  readonly allowedHosts?: readonly string[];
}

/** `roomcast start`: serves until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  if (Number.parseInt(process.versions.node) < OLDEST_NODE) {
    throw new Failure(
      `"roomcast start" needs Node ${OLDEST_NODE} or newer, and this is ${process.version}. ` +
        "npm install --save-dev node@24 brings one to the scripts of this project.",
    );
  }
  const running: RunningServer[] = [];
  // While it still starts, workerd ends with this process anyway.
  onOrphaned(() => void Promise.all(running.map((server) => server.kill())).finally(() => process.exit(0)));
  const { startServer } = await import("./serve.ts");
  const server = await startServer(options);
  running.push(server);
  console.log(`Serving on ${server.url} (data in ${options.dataDir}). Stop with Ctrl-C.`);
  stopOnSignals(server);
}

/** The first signal drains, the second ends at once. */
function stopOnSignals(server: RunningServer): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) {
      void server.kill().finally(() => process.exit(1));
      return;
    }
    stopping = true;
    console.log(`Stopping on ${signal}.`);
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
}
