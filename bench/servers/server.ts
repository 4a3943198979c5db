import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { descendantsOf, isAlive, residentBytesOf } from "../processes.ts";
import type { ServerName } from "../contestants.ts";
import type { Announcement } from "./announce.ts";

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 8_000;

/** A server process that this run started, with whatever it started itself. */
export class Server {
  readonly port: number;
  readonly #child: ChildProcess;
  /** Taken while all are alive: once the parent is gone, its children cannot be found by it. */
  readonly #pids: readonly number[];

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.#pids = child.pid === undefined ? [] : [child.pid, ...descendantsOf(child.pid)];
  }

  /** Starts one, by its name or its script, and waits until it listens. `dataDir` is where it may keep data. */
  static async start(name: ServerName | URL, dataDir: string): Promise<Server> {
    const script = name instanceof URL ? name : new URL(`${name}.ts`, import.meta.url);
    const child = fork(fileURLToPath(script), [dataDir], { stdio: "inherit" });
    const gone = new AbortController();
    const timer = setTimeout(() => child.kill("SIGKILL"), START_DEADLINE_MS);
    const ended = once(child, "exit", { signal: gone.signal });
    ended.catch(() => undefined);
    const first = await Promise.race([once(child, "message", { signal: gone.signal }), ended.then(() => undefined)]);
    gone.abort();
    clearTimeout(timer);
    if (first === undefined) throw new Error(`The server ${name} did not start.`);
    const [{ port }] = first as [Announcement];
    return new Server(child, port);
  }

  get pids(): readonly number[] {
    return this.#pids;
  }

  get residentBytes(): number {
    return this.#pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
  }

  /** Asks an HTTP question; throws unless the answer is a success. */
  async ask(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  /** Stops it, and after a while ends what is left of it. Close the load's sockets first: workerd waits for them. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_DEADLINE_MS);
      this.#child.disconnect();
      await exited;
      clearTimeout(timer);
    }
    for (const pid of this.#pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  }
}
