import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, type ExpectStatic, test } from "vitest";
import { alive, treeOf } from "../harness/processes.ts";
import { type BundledProject, bundleProject, ROOT } from "./bundled.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const SOCKETS = 3;
/** What `npm start` may take to end. It is a promise to users, so also a limit here. */
const STOP_LIMIT_MS = 5000;

/** Servers of one test that run at once. They mostly wait. */
const BATCH = 2;

interface Started {
  readonly npm: ChildProcess;
  readonly dataDir: string;
  readonly scratch: string;
  output: string;
}

/** Starts the project by npm and stops it, `rounds` times each way. */
export function testStops(rounds: number): void {
  let project: BundledProject;

  beforeAll(async () => {
    project = await bundleProject();
    // Each service more takes its time to start.
    const {
      assets: _,
      r2_buckets: _r2,
      d1_databases: _d1,
      queues: _q,
      ...settings
    } = JSON.parse(await readFile(project.config, "utf8")) as Readonly<Record<string, unknown>>;
    await writeFile(project.config, JSON.stringify(settings));
    const start = `"${process.execPath}" "${join(ROOT, "src/cli/main.ts")}" start --config "${project.config}" --port 0`;
    await writeFile(join(project.folder, "package.json"), JSON.stringify({ scripts: { start } }));
  });

  afterAll(() => project?.remove());

  const timeout = rounds * 40_000;

  describe.concurrent("`npm start` ends in time, and with all that it started,", () => {
    test("when only its first process gets the signal", { timeout }, ({ expect }) =>
      // npm hands SIGINT on to a shell that ignores it while its command runs, and waits. Nobody sends npm alone that.
      stopAll(expect, (tree, round) => process.kill(tree[0] ?? 0, round % 2 === 0 ? "SIGTERM" : "SIGHUP")),
    );

    test("when all of its processes get the signal", { timeout }, ({ expect }) =>
      stopAll(expect, (tree, round) => {
        // A terminal signals its processes in no order.
        const order = round % 2 === 0 ? tree : tree.toReversed();
        for (const pid of order) signalIfAlive(pid, SIGNALS[round % SIGNALS.length]);
      }),
    );
  });

  // Each test's own `expect`: the global one belongs to whichever concurrent test is left.
  async function stopAll(
    expect: ExpectStatic,
    signal: (tree: readonly number[], round: number) => void,
  ): Promise<void> {
    for (let first = 0; first < rounds; first += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, rounds - first) }, (_, index) =>
        stopOnce(expect, (tree) => signal(tree, first + index)),
      );
      // All of them clean up before the test ends.
      await Promise.allSettled(batch);
      await Promise.all(batch);
    }
  }

  async function stopOnce(expect: ExpectStatic, signal: (tree: readonly number[]) => void): Promise<void> {
    const started = await startOnce();
    const { npm, scratch } = started;
    try {
      const url = await servedAt(started);
      const sockets = Array.from({ length: SOCKETS }, () => openSocket(`${url.replace(/^http/, "ws")}/api/socket`));
      await Promise.all(sockets.map(({ opened }) => opened));
      const tree = treeOf(npm.pid ?? 0);
      expect(tree.length, "npm, Node, workerd and its guard").toBeGreaterThanOrEqual(4);
      signal(tree);
      await expect.poll(() => alive(tree), { timeout: STOP_LIMIT_MS, message: started.output }).toEqual([]);
      await Promise.all(sockets.map(({ closed }) => closed));
      expect((await readdir(scratch)).filter((name) => name !== "node-compile-cache")).toEqual([]);
    } finally {
      for (const pid of alive(treeOf(npm.pid ?? 0))) process.kill(pid, "SIGKILL");
      for (const folder of [started.dataDir, scratch]) {
        await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      }
    }
  }

  async function startOnce(): Promise<Started> {
    const dataDir = await mkdtemp(join(tmpdir(), "roomcast-test-"));
    const scratch = await mkdtemp(join(tmpdir(), "roomcast-test-"));
    const npm = spawn("npm", ["start"], {
      cwd: project.folder,
      env: { ...process.env, HOST: "127.0.0.1", DATA_DIR: dataDir, TMPDIR: scratch },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { npm, dataDir, scratch, output: "" };
  }
}

function servedAt(started: Started): Promise<string> {
  const { npm } = started;
  return new Promise((resolve, reject) => {
    const read = (text: string) => {
      started.output += text;
      const found = /Serving on (http:\S+)/.exec(started.output)?.[1];
      if (found !== undefined) resolve(found.replace("localhost", "127.0.0.1"));
    };
    npm.stdout?.setEncoding("utf8").on("data", read);
    npm.stderr?.setEncoding("utf8").on("data", read);
    npm.once("close", () => reject(new Error(`npm ended before it served:\n${started.output}`)));
  });
}

/** The shell's guard and npm may end by the others' end. */
function signalIfAlive(pid: number, signal: NodeJS.Signals | undefined): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function openSocket(url: string): { readonly opened: Promise<void>; readonly closed: Promise<void> } {
  const socket = new WebSocket(url);
  const opened = new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(new Error(`no socket at ${url}`)), { once: true });
  });
  const closed = new Promise<void>((resolve) => socket.addEventListener("close", () => resolve(), { once: true }));
  return { opened, closed };
}
