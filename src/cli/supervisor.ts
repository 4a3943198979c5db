import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.ts";
import type { Runtime, RuntimeEnd } from "./runtime.ts";

/** workerd is started again this often in a row before the server gives up. */
const MAX_CRASHES = 8;
/** After this long without a crash, the count begins anew. */
const STABLE_MS = 30_000;
/** Before the second start in a row; doubled each time. The first waits for nothing. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;
/**
 * Closing a terminal signals workerd and this process at once, in any order. When workerd ended as if it had been
 * told to, the signal to this process may be about to arrive.
 */
const SIGNAL_PAUSE_MS = 200;

export interface SupervisorOptions {
  /** Starts a runtime that listens on `port`; undefined: on the port that the user chose. */
  readonly launch: (port: number | undefined) => Promise<Runtime>;
  /** One line for the operator. */
  readonly report: (line: string) => void;
}

/** Keeps one workerd running until it is stopped: one that crashes is started again, on the same port. */
export class Supervisor {
  /** Rejects with a Failure when workerd keeps crashing; never settles otherwise. */
  readonly failed: Promise<never>;
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  #fail: (error: Failure) => void = () => {};
  #runtime: Runtime | undefined;
  #restarting: Promise<void> | undefined;
  #crashes = 0;
  #startedAt = 0;

  private constructor(options: SupervisorOptions) {
    this.#options = options;
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    // Not everybody who starts a server waits for it to fail.
    this.failed.catch(() => undefined);
  }

  /** Rejects when the first start fails. */
  static async start(options: SupervisorOptions): Promise<{ readonly supervisor: Supervisor; readonly port: number }> {
    const supervisor = new Supervisor(options);
    const runtime = await options.launch(undefined);
    supervisor.#follow(runtime);
    return { supervisor, port: runtime.port };
  }

  /** The process id of workerd; undefined while none runs. */
  get pid(): number | undefined {
    return this.#runtime?.pid;
  }

  /** Ends workerd, after at most `drainMs` for answers under way. It is not started again. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    await this.#runtime?.drain(drainMs);
    await this.#runtime?.kill();
  }

  #follow(runtime: Runtime): void {
    this.#runtime = runtime;
    this.#startedAt = Date.now();
    void this.#takeOver(runtime);
  }

  async #takeOver(runtime: Runtime): Promise<void> {
    const end = await runtime.ended;
    if (!this.#stopping.signal.aborted) this.#restarting = this.#restart(end, runtime.port);
  }

  async #restart(end: RuntimeEnd, port: number): Promise<void> {
    const { signal } = this.#stopping;
    if (Date.now() - this.#startedAt > STABLE_MS) this.#crashes = 0;
    let reason = reasonOf(end);
    for (let pause = firstPause(end); ; pause = 0) {
      this.#crashes += 1;
      if (this.#crashes > MAX_CRASHES) {
        this.#fail(new Failure(`workerd ended ${this.#crashes} times in a row, last ${reason}. Giving up.`));
        return;
      }
      await sleep(Math.max(pause, this.#backoff()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#options.report(`workerd ended ${reason}; starting it again.`);
      try {
        const runtime = await this.#options.launch(port);
        if (signal.aborted) await runtime.kill();
        else this.#follow(runtime);
        return;
      } catch (error) {
        reason = `while starting (${error instanceof Error ? error.message : String(error)})`;
      }
    }
  }

  #backoff(): number {
    return this.#crashes < 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#crashes - 2));
  }
}

function reasonOf({ code, signal }: RuntimeEnd): string {
  return signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
}

function firstPause({ code, signal }: RuntimeEnd): number {
  return code === 0 || signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGHUP" ? SIGNAL_PAUSE_MS : 0;
}
