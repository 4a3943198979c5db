import { parseArgs } from "node:util";

export const PARTS = ["fanout", "rows", "memory", "wake", "chat"] as const;
export type Part = (typeof PARTS)[number];

/** How much to measure. Times are milliseconds. */
export interface Plan {
  readonly runs: number;
  readonly sizes: readonly number[];
  readonly parts: readonly Part[];
  readonly only: readonly string[];
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly idleSockets: number;
  readonly wakeRooms: number;
  readonly hibernate: boolean;
  /** Histories of chat rooms, in messages. */
  readonly histories: readonly number[];
  /** Where the JSON goes, and whether the plot of the documentation is drawn anew. */
  readonly out: string;
  readonly plot: boolean;
  readonly quick: boolean;
}

const HELP = `npm run bench -- [options]

  --quick          one short run of everything, about two minutes; figures are only a hint
  --runs N         runs of each cell (5)
  --only IDS       contestants, by commas: feed, document, chat, tutorial, sql, partyserver, ws, socket-io, nchan
  --sizes LIST     subscribers, by commas (10,200,1000)
  --parts LIST     of ${PARTS.join(", ")} (all)
  --measure MS     measured time of a cell (1200)
  --out FILE       where the JSON goes (bench/results/latest.json)
  --help
`;

/** Reads the command line; undefined when it only asked for help. Throws for what cannot be understood. */
export function readPlan(args: readonly string[]): Plan | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      runs: { type: "string" },
      only: { type: "string" },
      sizes: { type: "string" },
      parts: { type: "string" },
      measure: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  const { quick } = values;
  const parts = list(values.parts).map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) throw new Error(`No part ${name}; there are ${PARTS.join(", ")}.`);
    return part;
  });
  const whole = !quick && values.only === undefined && values.sizes === undefined && values.parts === undefined;
  return {
    runs: count(values.runs ?? (quick ? "1" : "5")),
    sizes: values.sizes === undefined ? [10, 200, 1000] : list(values.sizes).map(count),
    parts: parts.length === 0 ? PARTS : parts,
    only: list(values.only),
    warmUpMs: quick ? 250 : 500,
    measureMs: count(values.measure ?? (quick ? "500" : "1200")),
    idleSockets: quick ? 500 : 2000,
    wakeRooms: quick ? 2 : 5,
    hibernate: !quick,
    histories: [100, quick ? 10_000 : 100_000],
    out: values.out ?? `bench/results/${whole ? "latest" : "partial"}.json`,
    plot: whole,
    quick,
  };
}

function list(value: string | undefined): string[] {
  return value === undefined
    ? []
    : value
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean);
}

function count(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`Not a whole number from 1: ${value}`);
  return number;
}
