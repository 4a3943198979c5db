import type { Contestant } from "../contestants.ts";
import type { Cell, MemorySample, Results, Sample } from "../results.ts";
import { spread, type Spread } from "./stats.ts";

/** All runs of one contestant in one cell. */
export interface CellSummary {
  readonly contestant: string;
  readonly cell: Cell;
  readonly sockets: number;
  readonly deliveriesPerSecond: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  readonly clientCpu: Spread;
  readonly serverCpu: Spread;
  /** Runs that failed; their figures are in nothing. */
  readonly failed: number;
}

export function summarize(samples: readonly Sample[]): readonly CellSummary[] {
  const groups = Map.groupBy(samples, ({ contestant, cell }) => `${contestant} ${cellKey(cell)}`);
  return [...groups.values()].flatMap((group) => {
    const results = group.flatMap(({ result }) => (result === undefined ? [] : [result]));
    const [first] = group;
    if (first === undefined) return [];
    return {
      contestant: first.contestant,
      cell: first.cell,
      sockets: results[0]?.sockets ?? 0,
      deliveriesPerSecond: spread(results.map(({ deliveriesPerSecond }) => deliveriesPerSecond)),
      p50: spread(results.map(({ p50 }) => p50)),
      p99: spread(results.map(({ p99 }) => p99)),
      clientCpu: spread(results.map(({ clientCpu }) => clientCpu)),
      serverCpu: spread(results.map(({ serverCpu }) => serverCpu)),
      failed: group.length - results.length,
    };
  });
}

/** One contestant's figure over another's, run by run, so that a drift of the machine is in both. */
export function ratio(
  samples: readonly Sample[],
  [of, to]: readonly [string, string],
  cell: Cell,
  figure: "deliveriesPerSecond" | "p50",
): Spread {
  const inCell = samples.filter((sample) => cellKey(sample.cell) === cellKey(cell));
  const value = (run: number, contestant: string): number | undefined =>
    inCell.find((sample) => sample.run === run && sample.contestant === contestant)?.result?.[figure];
  const runs = [...new Set(inCell.map(({ run }) => run))];
  return spread(
    runs.flatMap((run) => {
      const [above, below] = [value(run, of), value(run, to)];
      return above === undefined || below === undefined ? [] : [above / below];
    }),
  );
}

export function memoryOf(samples: readonly MemorySample[], contestant: string): Spread {
  return spread(
    samples.filter((sample) => sample.contestant === contestant).map(({ bytesPerSocket }) => bytesPerSocket),
  );
}

/** The cells that were measured, each once, in their order. */
export function cellsOf(results: Results): readonly Cell[] {
  return [...new Map(results.samples.map(({ cell }) => [cellKey(cell), cell])).values()];
}

export function cellKey({ subscribers, publishers, inFlight, gap }: Cell): string {
  return `${subscribers}/${publishers}/${inFlight}/${gap}`;
}

export function labelOf(contestants: readonly Contestant[], id: string): string {
  return contestants.find((contestant) => contestant.id === id)?.label ?? id;
}
