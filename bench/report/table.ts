import type { Contestant } from "../contestants.ts";
import { IN_FLIGHT } from "../parts/fanout.ts";
import type { Cell, Results } from "../results.ts";
import { cellKey, cellsOf, labelOf, memoryOf, ratio, summarize, type CellSummary } from "./summary.ts";
import { describe, judge } from "./targets.ts";
import { spread, type Spread } from "./stats.ts";

type Row = readonly string[];

/** Everything as text, for a terminal and for Markdown alike. */
export function report(results: Results, contestants: readonly Contestant[]): string {
  const cells = cellsOf(results);
  const summaries = summarize(results.samples);
  const of = (cell: Cell): readonly CellSummary[] => summaries.filter((one) => cellKey(one.cell) === cellKey(cell));
  const busy = cells.filter(({ inFlight }) => inFlight > 1);
  const idle = cells.filter(({ inFlight }) => inFlight === 1);
  return [
    ...busy.map((cell) => fanoutTable(cell, of(cell), results, contestants)),
    ...idle.map((cell) => latencyTable(cell, of(cell), contestants)),
    rowsTable(results, contestants),
    memoryTable(results, contestants),
    wakeTable(results),
    chatTable(results),
    targetTable(results),
    results.notes.map((note) => `- ${note}\n`).join(""),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function fanoutTable(
  cell: Cell,
  rows: readonly CellSummary[],
  results: Results,
  contestants: readonly Contestant[],
): string {
  const sockets = rows.find((row) => row.sockets > 0)?.sockets ?? cell.subscribers;
  const more = sockets > cell.subscribers ? ` (${sockets} sockets: each publisher receives too)` : "";
  const title = `Fan-out to ${describe(cell)}${more}, ${cell.inFlight} messages in flight in all`;
  const body = rows.map((row) => [
    labelOf(contestants, row.contestant),
    keeps(contestants, row.contestant),
    many(row.deliveriesPerSecond),
    times(ratio(results.samples, [row.contestant, "tutorial"], cell, "deliveriesPerSecond")),
    `${milliseconds(row.p50.median)} / ${milliseconds(row.p99.median)}`,
    busyness(row.serverCpu),
    busyness(row.clientCpu) + (row.clientCpu.median > 0.9 ? " !" : ""),
    failures(row),
  ]);
  const head = [
    "",
    "stored",
    "deliveries/s: median (min-max)",
    "x tutorial",
    "p50 / p99 ms",
    "server CPU",
    "client CPU",
    "failed",
  ];
  return table(title, head, body);
}

function latencyTable(cell: Cell, rows: readonly CellSummary[], contestants: readonly Contestant[]): string {
  const body = rows.map((row) => [
    labelOf(contestants, row.contestant),
    keeps(contestants, row.contestant),
    `${milliseconds(row.p50.median)} (${milliseconds(row.p50.min)}-${milliseconds(row.p50.max)})`,
    `${milliseconds(row.p99.median)} (${milliseconds(row.p99.min)}-${milliseconds(row.p99.max)})`,
    failures(row),
  ]);
  const title = `Publish to receive, ${describe(cell)}, ${cell.subscribers} subscribers`;
  return table(title, ["", "stored", "p50 ms: median (min-max)", "p99 ms: median (min-max)", "failed"], body);
}

function rowsTable({ rows }: Results, contestants: readonly Contestant[]): string {
  const body = rows.map((row) => [
    labelOf(contestants, row.contestant),
    String(row.inFlight),
    whole(row.ops),
    ((row.logRows / row.ops) * IN_FLIGHT).toFixed(2),
    ((row.rowsWritten / row.ops) * IN_FLIGHT).toFixed(2),
  ]);
  return table("Rows written", ["", "in flight", "ops", "log rows per 32 ops", "all rows per 32 ops"], body);
}

function memoryTable({ memory }: Results, contestants: readonly Contestant[]): string {
  const measured = contestants.filter(({ id }) => memory.some(({ contestant }) => contestant === id));
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  const body = measured.map(({ id, label }) => {
    const bytes = memoryOf(memory, id);
    return [label, `${kib(bytes.median)} (${kib(bytes.min)}-${kib(bytes.max)})`];
  });
  const title = `Memory of an idle socket, of ${memory[0]?.sockets ?? 0} open ones`;
  return table(title, ["", "KiB: median (min-max)"], body);
}

function wakeTable({ wake }: Results): string {
  const groups = Map.groupBy(wake, ({ what, after }) => `${what}|${after}`);
  const body = [...groups].map(([key, samples]) => {
    const ms = spread(samples.map((sample) => sample.ms));
    return [
      ...key.split("|"),
      `${milliseconds(ms.median)} (${milliseconds(ms.min)}-${milliseconds(ms.max)})`,
      String(ms.runs),
    ];
  });
  return table("Wake of a room with 1 MiB of state", ["", "after", "ms: median (min-max)", "rooms"], body);
}

function chatTable({ chat }: Results): string {
  const groups = Map.groupBy(chat, ({ what, messages }) => `${what}|${messages}`);
  const body = [...groups]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, samples]) => {
      const [what = "", messages = ""] = key.split("|");
      const { median, min, max } = spread(samples.map(({ value }) => value));
      const figures =
        what === "memory"
          ? [median, min, max].map((bytes) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`)
          : [median, min, max].map((ms) => `${milliseconds(ms)} ms`);
      return [what, whole(Number(messages)), `${figures[0]} (${figures[1]}-${figures[2]})`, String(samples.length)];
    });
  return table("A chat room with so many messages", ["", "messages", "median (min-max)", "samples"], body);
}

function targetTable(results: Results): string {
  const body = judge(results).map(({ what, wanted, spread: found, reached }) => [
    what,
    wanted,
    `${found.median.toFixed(2)} (${found.min.toFixed(2)}-${found.max.toFixed(2)})`,
    reached ? "pass" : "FAIL",
  ]);
  return table("Targets", ["", "wanted", "median (min-max)", ""], body);
}

/** A Markdown table whose columns line up; empty without rows. */
function table(title: string, head: Row, body: readonly Row[]): string {
  if (body.length === 0) return "";
  const widths = head.map((name, column) => Math.max(3, name.length, ...body.map((row) => (row[column] ?? "").length)));
  const line = (row: Row): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [`### ${title}\n`, line(head), rule, ...body.map(line), ""].join("\n");
}

function keeps(contestants: readonly Contestant[], id: string): string {
  const where = contestants.find((contestant) => contestant.id === id)?.keeps;
  return where === "disk" ? "on disk" : where === "memory" ? "in memory" : "no";
}

function many({ median, min, max }: Spread): string {
  return `${whole(median)} (${whole(min)}-${whole(max)})`;
}

function times({ median, min, max, runs }: Spread): string {
  return runs === 0 ? "" : `${median.toFixed(1)} (${min.toFixed(1)}-${max.toFixed(1)})`;
}

function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-GB") : "-";
}

function milliseconds(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

function busyness({ median }: Spread): string {
  return Number.isFinite(median) ? `${Math.round(median * 100)} %` : "-";
}

function failures({ failed }: CellSummary): string {
  return failed === 0 ? "" : String(failed);
}
