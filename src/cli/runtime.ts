import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Miniflare, V4MiniflareOptions } from "miniflare";
import { endWithProcess, guard, hasEnded, killHard } from "./children.ts";
import type { Engine } from "./engine.ts";

/** Where Node announces each child process; documented under "Built-in Channels". */
const CHANNEL = "child_process";
/** Miniflare gets this long to clean up after workerd has ended. */
const DISPOSE_LIMIT_MS = 1000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How workerd ended. */
export interface RuntimeEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * One Miniflare and the one workerd that it runs. Miniflare would start another workerd whenever one ends, also while
 * it is being stopped, and then wait for it without limit. So it is disposed in the very moment in which workerd ends:
 * whoever started the runtime decides whether another takes its place.
 */
export class Runtime {
  /** Settles when workerd has ended, for whatever reason. */
  readonly ended: Promise<RuntimeEnd>;
  /** Of the front Worker's public socket. */
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #miniflare: Miniflare;
  #disposed: Promise<void> | undefined;

  private constructor(miniflare: Miniflare, child: ChildProcess, port: number) {
    this.#miniflare = miniflare;
    this.#child = child;
    this.port = port;
    this.ended = new Promise((resolve) => {
      child.prependOnceListener("exit", (code, signal) => {
        void this.#dispose();
        resolve({ code, signal });
      });
    });
  }

  /** Starts workerd. Rejects with Miniflare's error when it does not come up. One start at a time. */
  static async start(
    engine: Engine,
    front: string,
    options: V4MiniflareOptions,
    scratchFolder: string,
  ): Promise<Runtime> {
    const found = watchForWorkerd();
    const miniflare = construct(engine, options, scratchFolder);
    try {
      await miniflare.ready;
      const { port } = await miniflare.unsafeGetDirectURL(front);
      const child = found.child();
      if (child === undefined || hasEnded(child)) throw new Error("workerd ended as it started.");
      return new Runtime(miniflare, child, Number(port));
    } catch (error) {
      await limited(miniflare.dispose());
      throw error;
    } finally {
      found.stop();
    }
  }

  get pid(): number | undefined {
    return hasEnded(this.#child) ? undefined : this.#child.pid;
  }

  /** Asks workerd to finish its answers and end. Returns when it has, or after `milliseconds`. */
  async drain(milliseconds: number): Promise<void> {
    if (hasEnded(this.#child)) return;
    this.#child.kill("SIGTERM");
    await Promise.race([this.ended, sleep(milliseconds, undefined, { ref: false })]);
  }

  /** Ends workerd at once, and cleans up. */
  async kill(): Promise<void> {
    killHard(this.#child);
    await Promise.race([this.ended, sleep(DISPOSE_LIMIT_MS)]);
    await this.#dispose();
  }

  #dispose(): Promise<void> {
    this.#disposed ??= limited(this.#miniflare.dispose());
    return this.#disposed;
  }
}

function construct(engine: Engine, options: V4MiniflareOptions, scratchFolder: string): Miniflare {
  const { Miniflare, convertV4MiniflareOptions } = engine.miniflare;
  const listeners = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
  // Miniflare makes its scratch folder in the system's, and does not always remove it.
  const variable = process.platform === "win32" ? "TEMP" : "TMPDIR";
  const before = process.env[variable];
  process.env[variable] = scratchFolder;
  try {
    return new Miniflare(convertV4MiniflareOptions(options));
  } finally {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
    // Miniflare ends the process on a signal, before anything can drain. Whoever started the server decides.
    for (const [name, known] of listeners) {
      for (const listener of process.listeners(name)) if (!known.includes(listener)) process.off(name, listener);
    }
  }
}

function limited(disposal: Promise<void>): Promise<void> {
  return Promise.race([disposal.catch(() => undefined), sleep(DISPOSE_LIMIT_MS)]);
}

/** Miniflare keeps its workerd to itself. Finds it, and makes sure from its first moment that it ends with this process. */
function watchForWorkerd(): { readonly child: () => ChildProcess | undefined; readonly stop: () => void } {
  let found: ChildProcess | undefined;
  const announced = (message: unknown): void => {
    if (typeof message !== "object" || message === null || !("process" in message)) return;
    const child = message.process as ChildProcess;
    // Announced before it is spawned: nothing of it is known yet.
    child.once("spawn", () => {
      if (!basename(child.spawnfile).startsWith("workerd")) return;
      found = child;
      endWithProcess(child);
      child.once("exit", guard(child));
    });
  };
  subscribe(CHANNEL, announced);
  return { child: () => found, stop: () => unsubscribe(CHANNEL, announced) };
}
