import { expect, test } from "vitest";
import { CONTESTANTS } from "../contestants.ts";
import type { RunResult } from "../load/group.ts";
import type { Results } from "../results.ts";
import { drawPlot } from "./plot.ts";
import { percentile, spread } from "./stats.ts";
import { ratio } from "./summary.ts";
import { report } from "./table.ts";
import { judge } from "./targets.ts";

const cell = { subscribers: 200, publishers: 1, inFlight: 32, gap: 0 };

function result(deliveriesPerSecond: number): RunResult {
  return {
    sockets: 200,
    publishers: 1,
    seconds: 1,
    deliveries: deliveriesPerSecond,
    deliveriesPerSecond,
    messages: deliveriesPerSecond / 200,
    sent: 1,
    p50: 1,
    p99: 2,
    bytesPerDelivery: 107,
    clientCpu: 0.95,
    serverCpu: 1,
  };
}

const results: Results = {
  at: "",
  machine: {},
  plan: {},
  notes: [],
  samples: [
    { run: 1, contestant: "feed", cell, result: result(1_600_000) },
    { run: 1, contestant: "tutorial", cell, result: result(100_000) },
    { run: 2, contestant: "feed", cell, result: result(1_400_000) },
    { run: 2, contestant: "tutorial", cell, result: result(70_000) },
    { run: 3, contestant: "feed", cell, error: "messages lost" },
    { run: 3, contestant: "tutorial", cell, result: result(1) },
  ],
  rows: [{ contestant: "feed", inFlight: 32, ops: 320, rowsWritten: 11, logRows: 10 }],
  memory: [],
  wake: [],
  chat: [],
};

test("a ratio is taken run by run, and a run that failed is in none", () => {
  expect(ratio(results.samples, ["feed", "tutorial"], cell, "deliveriesPerSecond")).toEqual({
    min: 16,
    median: 18,
    max: 20,
    runs: 2,
  });
});

test("targets are judged by the median; what was not measured is not judged", () => {
  expect(judge(results).map(({ reached }) => reached)).toEqual([true, true]);
  const slow = results.samples.map((sample) =>
    sample.contestant === "tutorial" ? { ...sample, result: result(120_000) } : sample,
  );
  expect(judge({ ...results, samples: slow })[0]?.reached).toBe(false);
});

test("the report says when the client was nearly a core, and what failed", () => {
  const text = report(results, CONTESTANTS);
  expect(text).toContain("95 % !");
  expect(text).toMatch(/Roomcast, own kind .* 1 +\|/);
  expect(text).not.toContain("NaN");
});

test("the plot is drawn from what was measured", () => {
  const svg = drawPlot(results, CONTESTANTS);
  expect(svg).toContain("1.50 M");
  expect(svg).not.toContain("NaN");
});

test("percentile and spread", () => {
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(3);
  expect(percentile([], 0.5)).toBeNaN();
  expect(spread([3, 1])).toEqual({ min: 1, median: 2, max: 3, runs: 2 });
});
