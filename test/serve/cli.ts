import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The `roomcast` command, in a process of its own. */
export class Cli {
  out = "";
  err = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(...args: readonly string[]) {
    const { FORCE_COLOR: _, ...env } = process.env;
    this.#child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...args], { cwd: ROOT, env });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.out += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    // Whoever ends before it has read everything is not an error here.
    this.#child.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  get lines(): readonly string[] {
    return this.out.split("\n").filter(Boolean);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends its input, and resolves with its exit code. */
  end(text: string | Uint8Array = ""): Promise<number | null> {
    this.#child.stdin?.end(text);
    return this.#ended;
  }

  /** Stops reading its output, as `head` does. */
  hangUp(): Promise<number | null> {
    this.#child.stdout?.destroy();
    return this.#ended;
  }

  signal(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }

  /** Resolves when what it has printed is enough. */
  async until(enough: (cli: Cli) => boolean): Promise<void> {
    while (!enough(this)) {
      await new Promise<void>((resolve, reject) => {
        const done = (): void => {
          this.#child.stdout?.off("data", done);
          this.#child.stderr?.off("data", done);
          this.#child.off("close", ended);
          resolve();
        };
        const ended = (): void => {
          if (enough(this)) done();
          else reject(new Error(`It ended after printing:\n${this.out}\n${this.err}`));
        };
        this.#child.stdout?.on("data", done);
        this.#child.stderr?.on("data", done);
        this.#child.on("close", ended);
      });
    }
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
