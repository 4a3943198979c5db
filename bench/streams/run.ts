import { findWorkerd } from "../../test/crash/memory.ts";
import { TestServer } from "../../test/harness/server.ts";
import { spread } from "../report/stats.ts";
import { measureLatency, measureThroughput, SUBSCRIBERS, type Target } from "./load.ts";

// node bench/streams/run.ts [runs] [seconds]: event streams beside the tutorial's room, on one server in one run.

const [runs = 3, seconds = 5] = process.argv.slice(2).map(Number);
const RATE = 1_000;
const BATCH = 50;
const LARGE = 1_000;

const figures = new Map<string, number[]>();

function note(what: string, value: number): void {
  figures.set(what, [...(figures.get(what) ?? []), value]);
}

const server = await TestServer.start({ config: "bench/streams.wrangler.jsonc" });
try {
  const pid = findWorkerd();
  for (let run = 1; run <= runs; run += 1) {
    const tutorial = target("tutorial room", `/tutorial/t${run}`, `/tutorial/t${run}`, false);
    const single = target("roomcast", `/stream/s${run}`, `/stream/s${run}/ws`, false);
    const batched = target("roomcast", `/stream/b${run}`, `/stream/b${run}/ws`, true);
    // Each run begins with the other, so that drift of the machine meets both alike.
    const order = run % 2 === 1 ? [tutorial, single] : [single, tutorial];
    for (const each of order) {
      const { p50, p99 } = await measureLatency(each, RATE, 1, seconds);
      note(`${each.name}, ${RATE} events/s in single requests: p50 ms`, p50);
      note(`${each.name}, ${RATE} events/s in single requests: p99 ms`, p99);
    }
    const { p50, p99 } = await measureLatency(batched, RATE, BATCH, seconds);
    note(`roomcast, ${RATE} events/s in batches of ${BATCH}: p50 ms`, p50);
    note(`roomcast, ${RATE} events/s in batches of ${BATCH}: p99 ms`, p99);
    for (const each of order) {
      const { rate, cpu } = await measureThroughput(each, { batch: 1, inFlight: 32, seconds, pid });
      note(`${each.name}, as many single requests as it takes: events/s`, rate);
      note(`${each.name}, as many single requests as it takes: CPU µs an event`, cpu);
    }
    const { rate, cpu } = await measureThroughput(batched, { batch: LARGE, inFlight: 4, seconds, pid });
    note(`roomcast, as many batches of ${LARGE} as it takes: events/s`, rate);
    note(`roomcast, as many batches of ${LARGE} as it takes: CPU µs an event`, cpu);
    process.stderr.write(`run ${run} of ${runs}\n`);
  }
} finally {
  await server.stop();
}

process.stdout.write(`${SUBSCRIBERS} subscribers, median of ${runs} runs (least to greatest)\n`);
for (const [what, values] of figures) {
  const { median, min, max } = spread(values);
  process.stdout.write(`${what.padEnd(64)} ${show(median)} (${show(min)} to ${show(max)})\n`);
}

function target(name: string, publish: string, subscribe: string, native: boolean): Target {
  const url = server.url;
  return { name, publish: url + publish, subscribe: url.replace(/^http/, "ws") + subscribe, native };
}

function show(value: number): string {
  return value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en");
}
