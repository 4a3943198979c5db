import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname } from "node:path";
import { available } from "./contestants.ts";
import { Load } from "./load/client.ts";
import type { Bench } from "./parts/context.ts";
import { measureChat } from "./parts/chat.ts";
import { measureFanout } from "./parts/fanout.ts";
import { measureMemory } from "./parts/memory.ts";
import { measureRows } from "./parts/rows.ts";
import { measureWake } from "./parts/wake.ts";
import { readPlan, type Part, type Plan } from "./plan.ts";
import { openFileLimit } from "./processes.ts";
import { drawPlot } from "./report/plot.ts";
import { report } from "./report/table.ts";
import type { Results } from "./results.ts";
import { Servers } from "./servers/servers.ts";

const PLOT = "docs/fan-out.svg";
/** Open files besides the sockets: code, databases, pipes. */
const SPARE_FILES = 300;

const MEASURE: Readonly<Record<Part, (bench: Bench) => Promise<void>>> = {
  fanout: measureFanout,
  rows: measureRows,
  memory: measureMemory,
  wake: measureWake,
  chat: measureChat,
};

try {
  const plan = readPlan(process.argv.slice(2));
  if (plan !== undefined) await run(plan);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(plan: Plan): Promise<void> {
  assertFilesSuffice(plan);
  const { contestants, notes } = available(plan.only);
  const results: Results = {
    at: new Date().toISOString(),
    machine: machine(),
    plan,
    notes: [...notes],
    samples: [],
    rows: [],
    memory: [],
    wake: [],
    chat: [],
  };
  const began = performance.now();
  const say = (line: string): void => {
    process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
  };
  const load = new Load();
  const servers = new Servers();
  let stopping: Promise<unknown> | undefined;
  // The load first: workerd waits for open sockets before it ends.
  const stop = (): Promise<unknown> => (stopping ??= load.stop().then(() => servers.stopAll()));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  }
  try {
    const bench: Bench = { plan, contestants, load, servers, results, say };
    for (const part of plan.parts) await MEASURE[part](bench);
  } finally {
    await stop();
  }
  if (plan.quick) results.notes.push("One short run: a hint, no figure to quote.");
  write(plan.out, `${JSON.stringify(results, null, 1)}\n`);
  if (plan.plot) write(PLOT, drawPlot(results, contestants));
  process.stdout.write(`\n${report(results, contestants)}\n${plan.out}${plan.plot ? ` and ${PLOT}` : ""} written\n`);
}

function assertFilesSuffice(plan: Plan): void {
  const needed = Math.max(...plan.sizes, plan.parts.includes("memory") ? plan.idleSockets : 0) + SPARE_FILES;
  const limit = openFileLimit();
  if (limit < needed) {
    throw new Error(
      `This needs ${needed} open files a process and may have ${limit}. Raise it: ulimit -n ${needed * 2}`,
    );
  }
}

function machine(): Record<string, string | number> {
  const workerd = execFileSync(process.execPath, ["-p", "require('workerd/package.json').version"], {
    encoding: "utf8",
  });
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    workerd: workerd.trim(),
  };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
