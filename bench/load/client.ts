import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ConnectTimes, Target } from "./connection.ts";
import type { RunOptions, RunResult } from "./group.ts";
import type { LoadAnswer, LoadRequest } from "./process.ts";

/** The load process, seen from the orchestrator. One request at a time. */
export class Load {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL("process.ts", import.meta.url)), { stdio: "inherit" });
  }

  /** Opens a room's sockets; answers how long the first ten connects took. */
  async open(group: string, target: Target, sockets: number): Promise<readonly ConnectTimes[]> {
    const answer = await this.#ask({ do: "open", group, target, sockets });
    return answer.times ?? [];
  }

  async run(group: string, options: RunOptions): Promise<RunResult> {
    const answer = await this.#ask({ do: "run", group, options });
    if (answer.result === undefined) throw new Error("the load process answered without a result");
    return answer.result;
  }

  async close(group: string): Promise<void> {
    await this.#ask({ do: "close", group });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  async #ask(request: LoadRequest): Promise<Extract<LoadAnswer, { ok: true }>> {
    const gone = new AbortController();
    const exited = once(this.#child, "exit", { signal: gone.signal }).then(() => {
      throw new Error("the load process ended");
    });
    exited.catch(() => undefined);
    const answered = once(this.#child, "message", { signal: gone.signal });
    answered.catch(() => undefined);
    try {
      this.#child.send(request);
      const [answer] = (await Promise.race([answered, exited])) as [LoadAnswer];
      if (!answer.ok) throw new Error(answer.error);
      return answer;
    } finally {
      gone.abort();
    }
  }
}
