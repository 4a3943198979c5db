import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { setTimeout } from "node:timers/promises";

/** All processes of a run have this variable, so that those are found too whose parents have ended. */
const MARKER = "ROOMCAST_TEST_RUN";

/** How long processes may take to end after whoever started them. */
const GRACE_MS = 3_000;

/**
 * Caches that tools share; and what the plugin that runs tests in workerd and browsers make for themselves and do not
 * always remove. It goes with the run's folder. A server's own folders are inside of its test's.
 */
const SHARED = /^(node-compile-cache|update-check|miniflare-[0-9a-f]{32}|\.org\.chromium\.Chromium\..*)$/;

/** A path in such a cache. */
const CACHE = /(^|[/\\])(node-compile-cache|update-check)([/\\]|$)/;

export interface Outcome {
  readonly ok: boolean;
  /** What it printed, where that was collected. */
  readonly output: string;
}

/** Processes that share one folder for temporary files. Owns both: when it ends, no process and no file is left. */
export class TestRun {
  readonly folder = mkdtempSync(join(tmpdir(), "roomcast-"));
  readonly #temporary = join(this.folder, "tmp");

  constructor() {
    mkdirSync(this.#temporary);
  }

  /** Runs a command to its end. `collect` keeps its output for the caller, so that it does not mix with that of others. */
  async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { env = {}, collect = false } = options;
    const child = spawn(command, args, {
      stdio: ["ignore", collect ? "pipe" : "inherit", collect ? "pipe" : "inherit"],
      shell: process.platform === "win32",
      env: { ...process.env, ...env, TMPDIR: this.#temporary, [MARKER]: this.folder },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    return { ok: await ended(child), output };
  }

  /**
   * Ends the processes that are left and removes the folder. Resolves with a line for everything that should not have
   * been there any more.
   */
  async end(): Promise<readonly string[]> {
    const deadline = Date.now() + GRACE_MS;
    while (this.#processes().length > 0 && Date.now() < deadline) await setTimeout(50);
    const left = this.#processes().map(({ pid, command }) => `process ${pid}: ${command}`);
    const files = readdirSync(this.#temporary)
      .filter((name) => !SHARED.test(name))
      .map((name) => describe(join(this.#temporary, name)))
      .filter((line) => line !== undefined);
    await this.abort();
    return [...left, ...files];
  }

  /** Ends everything at once. */
  async abort(): Promise<void> {
    // One that is just starting another may be faster than a single look.
    for (let found = this.#processes(); found.length > 0; found = this.#processes()) {
      for (const { pid } of found) kill(pid);
      await setTimeout(20);
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #processes(): readonly RunningProcess[] {
    const wanted = `${MARKER}=${this.folder}`;
    return process.platform === "linux" ? onLinux(wanted) : elsewhere(wanted);
  }
}

/** A line for what is left; undefined for a folder that has only caches, which Node and npm write as they end. */
function describe(path: string): string | undefined {
  const inside = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [];
  const kept = inside.filter((name) => !CACHE.test(name) && !inside.some((other) => other.startsWith(name + sep)));
  if (inside.length > 0 && kept.length === 0) return undefined;
  return `temporary file ${basename(path)}${kept.length > 0 ? `: ${kept.slice(0, 10).join(", ")}` : ""}`;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly collect?: boolean;
}

interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

function ended(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function onLinux(wanted: string): RunningProcess[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
      if (!variables.includes(wanted)) return [];
      return [
        { pid: Number(entry), command: readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim() },
      ];
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return [];
    }
  });
}

/** `ps -E` shows a process's variables behind its command. Windows has neither, and there nothing is found. */
function elsewhere(wanted: string): RunningProcess[] {
  if (process.platform === "win32") return [];
  const lines = execFileSync("ps", ["-axEww", "-o", "pid=,command="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, command = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid !== undefined && command.includes(wanted) ? [{ pid: Number(pid), command: command.slice(0, 120) }] : [];
  });
}
