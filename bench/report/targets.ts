import type { Cell, Results } from "../results.ts";
import { IN_FLIGHT } from "../parts/fanout.ts";
import { cellsOf, ratio } from "./summary.ts";
import type { Spread } from "./stats.ts";

export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly spread: Spread;
  readonly reached: boolean;
}

const AHEAD_OF_TUTORIAL = 15;
const IDLE_LATENCY = 1.3;

/** What Roomcast sets out to reach. Judged by the median of the runs; targets that were not measured are left out. */
export function judge(results: Results): readonly Target[] {
  const busy = cellsOf(results).filter(({ inFlight, subscribers }) => inFlight > 1 && subscribers >= 200);
  const idle = cellsOf(results).filter(({ inFlight }) => inFlight === 1);
  const targets = [
    ...busy.map((cell) => {
      const spread = ratio(results.samples, ["feed", "tutorial"], cell, "deliveriesPerSecond");
      const wanted = `at least ${AHEAD_OF_TUTORIAL}`;
      return {
        what: `deliveries/s over the tutorial room's, ${describe(cell)}`,
        wanted,
        spread,
        reached: spread.median >= AHEAD_OF_TUTORIAL,
      };
    }),
    ...busy.map((cell) => {
      const spread = ratio(results.samples, ["feed", "nchan"], cell, "deliveriesPerSecond");
      return {
        what: `deliveries/s over nchan's, ${describe(cell)}`,
        wanted: "over 1",
        spread,
        reached: spread.median > 1,
      };
    }),
    ...idle.map((cell) => {
      const spread = ratio(results.samples, ["feed", "sql"], cell, "p50");
      const wanted = `at most ${IDLE_LATENCY}`;
      return {
        what: `p50 over the stored tutorial room's, ${describe(cell)}`,
        wanted,
        spread,
        reached: spread.median <= IDLE_LATENCY,
      };
    }),
    ...results.rows
      .filter(({ contestant, inFlight }) => contestant === "feed" && inFlight === IN_FLIGHT)
      .map(({ ops, logRows }) => {
        const rows = (logRows / ops) * IN_FLIGHT;
        const spread = { min: rows, median: rows, max: rows, runs: 1 };
        return {
          what: `log rows for ${IN_FLIGHT} ops in flight`,
          wanted: "1 (at most 1.1)",
          spread,
          reached: rows <= 1.1,
        };
      }),
  ];
  return targets.filter(({ spread }) => spread.runs > 0);
}

export function describe({ subscribers, publishers, inFlight, gap }: Cell): string {
  if (inFlight > 1)
    return `${subscribers} subscribers, ${publishers === 1 ? "1 publisher" : `${publishers} publishers`}`;
  return gap === 0 ? "one message in flight" : `one message every ${gap} ms`;
}
