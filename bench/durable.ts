import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fill, measureAppends, measureCatchUp, measureLatency, type Format } from "./durable/load.ts";
import { spread } from "./report/stats.ts";
import { Server } from "./servers/server.ts";

// node bench/durable.ts [--quick]: Durable Streams, Roomcast beside the protocol's Node reference server, in one run.

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" }, runs: { type: "string" } },
});
const { quick, only } = values;
const RUNS = Number(values.runs ?? (quick ? 1 : 3));
/** How long a cell is measured, milliseconds. */
const CELL = quick ? 500 : 1_200;
const LATENCY_MESSAGES = quick ? 40 : 100;
const SHRINK = quick ? 5 : 1;
/** How long filling a stream may take. */
const FILL = quick ? 2_000 : 6_000;

interface Contestant {
  readonly name: string;
  readonly file: string;
  /** What an answered append can rely on. */
  readonly durable: string;
}

const CONTESTANTS: readonly Contestant[] = [
  {
    name: "Roomcast",
    file: "durable-roomcast",
    durable:
      "answers when the row in SQLite is on disk, producers' marks with it; appends that come together share a row",
  },
  {
    name: "reference",
    file: "durable-reference",
    durable:
      "answers after an fdatasync of the stream's file and an LMDB commit of offset and marks, which is flushed " +
      "a moment later; one append at a time on a stream",
  },
];

const OCTETS = "application/octet-stream";
const APPENDS: readonly (readonly [string, Format, number])[] = [
  ...[1, 32, 256].flatMap((producers) =>
    [100, 10_000].map((size) => ["octet-stream", { type: OCTETS, size }, producers] as const),
  ),
  ["JSON", { type: "application/json", size: 100 }, 32],
  ["octet-stream, not UTF-8", { type: OCTETS, size: 10_000, binary: true }, 32],
];
const READS: readonly (readonly [string, Format, number])[] = [
  ["octet-stream, one a request", { type: OCTETS, size: 100 }, 5_000],
  ["octet-stream, one a request", { type: OCTETS, size: 10_000 }, 500],
  ["octet-stream, not UTF-8", { type: OCTETS, size: 10_000, binary: true }, 500],
  ["JSON, 100 a request", { type: "application/json", size: 100, batch: 100 }, 20_000],
];

const folder = mkdtempSync(join(tmpdir(), "roomcast-bench-durable-"));
const servers = new Map<Contestant, Server>();
/** How many messages a contestant's stream holds, by its name and the stream's number. */
const held = new Map<string, number>();
/** By what is measured, by contestant. */
const figures = new Map<string, Map<string, number[]>>();

try {
  for (const contestant of CONTESTANTS) {
    const url = new URL(`servers/${contestant.file}.ts`, import.meta.url);
    servers.set(contestant, await Server.start(url, join(folder, contestant.file)));
  }
  const wants = (part: string): boolean => only === undefined || only.split(",").includes(part);
  if (wants("catchup")) {
    for (const [n, [, format, messages]] of READS.entries()) {
      let most = messages / SHRINK;
      // The other first, which takes longer; both then hold the same unless there was no time.
      await each(1, async (server, name) => {
        most = await fill(server, `read${n}`, format, { messages: most, milliseconds: FILL });
        held.set(`${name} ${n}`, most);
      });
    }
  }
  for (let run = 0; run < RUNS; run += 1) {
    if (wants("append")) await appends(run);
    if (wants("catchup")) await catchUps(run);
    if (wants("latency")) await latencies(run);
    process.stderr.write(`run ${run + 1} of ${RUNS}\n`);
  }
} finally {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}
report();

/** Each run begins with the other, so that drift of the machine meets both alike. */
async function each(run: number, work: (server: Server, name: string) => Promise<void>): Promise<void> {
  const order = run % 2 === 0 ? CONTESTANTS : CONTESTANTS.toReversed();
  for (const contestant of order) {
    const server = servers.get(contestant);
    if (server !== undefined) await work(server, contestant.name);
  }
}

async function appends(run: number): Promise<void> {
  for (const [n, [what, format, producers]] of APPENDS.entries()) {
    await each(run, async (server, name) => {
      const load = { producers, milliseconds: CELL };
      const { rate, p50, p99, cpu } = await measureAppends(server, `append${n}-${run}`, format, load);
      const cell = `append: ${sizeOf(format)} ${what}, ${producers} producer${producers === 1 ? "" : "s"}`;
      note(`${cell}: appends/s`, name, rate);
      note(`${cell}: p50 ms`, name, p50);
      note(`${cell}: p99 ms`, name, p99);
      note(`${cell}: server CPU µs an append`, name, cpu);
    });
  }
}

async function catchUps(run: number): Promise<void> {
  for (const [n, [what, format]] of READS.entries()) {
    await each(run, async (server, name) => {
      const load = { messages: held.get(`${name} ${n}`) ?? 0, milliseconds: CELL };
      const result = await measureCatchUp(server, `read${n}`, format, load);
      const cell = `catch-up: ${sizeOf(format)} ${what}`;
      note(`${cell}: messages in the stream`, name, load.messages);
      note(`${cell}: messages/s`, name, result.messages);
      note(`${cell}: MB/s`, name, result.megabytes);
      note(`${cell}: pages`, name, result.pages);
      note(`${cell}: server CPU µs a message`, name, result.cpu);
    });
  }
}

async function latencies(run: number): Promise<void> {
  for (const live of ["sse", "long-poll"] as const) {
    await each(run, async (server, name) => {
      const { p50, p99 } = await measureLatency(server, `${live}${run}`, live, LATENCY_MESSAGES);
      note(`live, ${live}, append to receipt: p50 ms`, name, p50);
      note(`live, ${live}, append to receipt: p99 ms`, name, p99);
    });
  }
}

function sizeOf({ size }: Format): string {
  return size < 1_000 ? `${size} B` : `${size / 1_000} kB`;
}

function note(what: string, name: string, value: number): void {
  const row = figures.get(what) ?? new Map<string, number[]>();
  row.set(name, [...(row.get(name) ?? []), value]);
  figures.set(what, row);
}

function report(): void {
  print(`Median of ${RUNS} run${RUNS === 1 ? "" : "s"} (least-greatest).`);
  for (const { name, durable } of CONTESTANTS) print(`${name}: ${durable}`);
  print("");
  print(`| | ${CONTESTANTS.map(({ name }) => name).join(" | ")} |`);
  print(`| --- | ${CONTESTANTS.map(() => "---").join(" | ")} |`);
  for (const [what, row] of figures) {
    print(`| ${what} | ${CONTESTANTS.map(({ name }) => show(row.get(name) ?? [])).join(" | ")} |`);
  }
}

function show(list: readonly number[]): string {
  const { median, min, max, runs } = spread(list);
  return runs === 1 ? number(median) : `${number(median)} (${number(min)}-${number(max)})`;
}

function number(value: number): string {
  return value < 100 ? value.toFixed(value < 10 ? 2 : 1) : Math.round(value).toLocaleString("en");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
