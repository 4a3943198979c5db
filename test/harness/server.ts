import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { alive, childrenOf, treeOf } from "./processes.ts";

const ROOT = join(import.meta.dirname, "../..");
const COMMAND = join(ROOT, "src/cli/main.ts");
/** How long processes that the command started may take to end after it. */
const GRACE_MS = 5_000;
const SERVING = /^Serving on (http:\S+)/m;

export interface TestServerOptions {
  /** A wrangler configuration, from the root of the repository; by default the example's. */
  readonly config?: string;
  /** Kept when given; otherwise a temporary folder, removed by `stop`. */
  readonly dataDir?: string;
  /** By default a free one. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** How many files it may have open; by default as many as this process. */
  readonly openFiles?: number;
}

/** Servers that run, so that none outlives this process. */
const running = new Set<ChildProcess>();

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

process.once("exit", () => running.forEach(killGroup));
process.once("SIGTERM", () => process.exit(143));
// The process of the test runner has ended without a word to this one, which belongs to it.
process.once("disconnect", () => running.forEach(killGroup));

/** `roomcast start` in processes of its own, with its data in a folder of its own. */
export class TestServer {
  readonly dataDir: string;
  /** For everything that it leaves when it is killed; removed by `stop`. */
  readonly #folder: string;
  readonly #options: TestServerOptions;
  #child: ChildProcess | undefined;
  #url = "";
  #output = "";

  private constructor(options: TestServerOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.dataDir = options.dataDir ?? join(folder, "data");
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options, await mkdtemp(join(tmpdir(), "roomcast-test-")));
    try {
      await server.restart();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Such as `http://127.0.0.1:41234`; the same after a restart. */
  get url(): string {
    return this.#url;
  }

  get webSocketUrl(): string {
    return this.#url.replace(/^http/, "ws");
  }

  /** The process id of the command; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it has printed since it was last started. */
  get output(): string {
    return this.#output;
  }

  /** Starts it again on the same port and data. It must not be running. */
  async restart(): Promise<void> {
    if (this.#child !== undefined) throw new Error("The server is running.");
    const port = this.#url === "" ? String(this.#options.port ?? 0) : new URL(this.#url).port;
    const config = this.#options.config === undefined ? [] : ["--config", resolve(ROOT, this.#options.config)];
    await mkdir(join(this.#folder, "tmp"), { recursive: true });
    const args = [COMMAND, "start", "--port", port, "--data-dir", this.dataDir, ...config];
    // A process group of its own, so that a crash can take workerd with it in the same instant.
    const { openFiles } = this.#options;
    // The shell becomes the command, so the process id is the command's.
    const shell = ["sh", "-c", `ulimit -n ${openFiles}; exec "$@"`, "sh"];
    const [program = "", ...rest] = [...(openFiles === undefined ? [] : shell), process.execPath, ...args];
    const child = spawn(program, rest, {
      cwd: ROOT,
      env: { ...process.env, HOST: "127.0.0.1", TMPDIR: join(this.#folder, "tmp"), ...this.#options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    this.#output = "";
    await new Promise<void>((resolve, reject) => {
      const read = (text: string) => {
        this.#output += text;
        const url = SERVING.exec(this.#output)?.[1];
        if (url === undefined) return;
        this.#url = url.replace("localhost", "127.0.0.1");
        resolve();
      };
      child.stdout.setEncoding("utf8").on("data", read);
      child.stderr.setEncoding("utf8").on("data", read);
      child.once("error", reject);
      child.once("exit", (code) => {
        if (this.#child === child) this.#child = undefined;
        reject(new Error(`The server ended with ${String(code)} before it served:\n${this.#output}`));
      });
    });
  }

  /** Ends the command and workerd at once, as a power cut would. */
  async kill9(): Promise<void> {
    await this.#end((child) => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    });
  }

  /** Ends only the command at once: workerd has to notice by itself. */
  async kill9Parent(): Promise<void> {
    await this.#end((child) => {
      child.kill("SIGKILL");
    });
  }

  /** Kills workerd only, with SIGKILL. False when there is none. */
  killRuntime(): boolean {
    const pid = this.pid;
    const [runtime] = pid === undefined ? [] : childrenOf(pid, "workerd");
    if (runtime !== undefined) process.kill(runtime, "SIGKILL");
    return runtime !== undefined;
  }

  /** Sends the command a signal and resolves with its exit code. */
  async signal(...signals: readonly NodeJS.Signals[]): Promise<number | null> {
    return this.#end(async (child) => {
      for (const [index, signal] of signals.entries()) {
        if (index > 0) await this.printed(/Stopping/);
        child.kill(signal);
      }
    });
  }

  /** Resolves when the output matches. */
  async printed(pattern: RegExp): Promise<void> {
    const child = this.#child;
    if (child === undefined || pattern.test(this.#output)) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (pattern.test(this.#output)) resolve();
      };
      child.stdout?.on("data", check);
      child.stderr?.on("data", check);
    });
  }

  /** Stops it for good and removes its data. Safe to call when it has ended. */
  async stop(): Promise<void> {
    if (this.#child !== undefined) await this.kill9();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #end(how: (child: ChildProcess) => void | Promise<void>): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) throw new Error("The server is not running.");
    const tree = child.pid === undefined ? [] : treeOf(child.pid);
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await how(child);
    const code = await ended;
    // One of another process group may still write into the folder that is removed next.
    for (let waited = 0; alive(tree).length > 0 && waited < GRACE_MS; waited += 20) await setTimeout(20);
    this.#child = undefined;
    return code;
  }
}
