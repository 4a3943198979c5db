import { type ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";
import { basename } from "node:path";

/** Where Node announces each child process; documented under "Built-in Channels". */
const CHANNEL = "child_process";

/**
 * Follows the one workerd that a Miniflare runs. Miniflare keeps it to itself and ends it with SIGKILL;
 * to let it finish its answers, and to end it when this process is killed, its process has to be known.
 */
export class RuntimeProcess {
  readonly #seen: ChildProcess[] = [];
  #loopback: string | undefined;
  #current: ChildProcess | undefined;
  #guard: ChildProcess | undefined;

  constructor() {
    subscribe(CHANNEL, this.#announced);
  }

  /** Undefined while no workerd runs. */
  get pid(): number | undefined {
    return this.#current?.pid;
  }

  /** Call when the Miniflare is ready: what was announced since construction holds its workerd. */
  settle(): void {
    for (const child of this.#seen.splice(0)) this.#adopt(child);
  }

  /**
   * Asks workerd to finish its answers, and resolves when it has ended, or after `milliseconds`.
   * `onEnd` is called while its end is still being announced.
   */
  async drain(milliseconds: number, onEnd: () => void): Promise<void> {
    const child = this.#current;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      child.prependOnceListener("exit", () => {
        onEnd();
        clearTimeout(timer);
        resolve();
      });
      child.kill("SIGTERM");
    });
  }

  /** Call when the Miniflare is disposed. */
  release(): void {
    unsubscribe(CHANNEL, this.#announced);
    this.#guard?.kill("SIGKILL");
    this.#guard = undefined;
  }

  // Announced before it is spawned: nothing of it is known yet.
  readonly #announced = (message: unknown): void => {
    if (typeof message !== "object" || message === null || !("process" in message)) return;
    const child = message.process as ChildProcess;
    this.#seen.push(child);
    child.once("spawn", () => {
      if (this.#loopback !== undefined && this.#seen.includes(child)) this.settle();
    });
  };

  #adopt(child: ChildProcess): void {
    if (!basename(child.spawnfile).startsWith("workerd")) return;
    // Two Miniflares in one process differ in the address that their workerd calls back on.
    const loopback = child.spawnargs.find((argument) => argument.startsWith("--external-addr="));
    if (this.#loopback !== undefined && loopback !== this.#loopback) return;
    this.#loopback = loopback;
    this.#current = child;
    this.#guard?.kill("SIGKILL");
    this.#guard = guard(child);
    child.once("exit", () => {
      if (this.#current !== child) return;
      this.#current = undefined;
      this.#guard?.kill("SIGKILL");
    });
  }
}

/**
 * Ends workerd when this process ends in any way, `kill -9` too: a shell that waits for the other end of
 * its standard input to close. Otherwise workerd would live on and hold the port.
 */
function guard(runtime: ChildProcess): ChildProcess | undefined {
  if (runtime.pid === undefined || process.platform === "win32") return undefined;
  const script = 'cat >/dev/null; kill -9 "$1" 2>/dev/null';
  const child = spawn("sh", ["-c", script, "sh", String(runtime.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => {});
  child.unref();
  // The pipe must not keep this process alive either.
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}
