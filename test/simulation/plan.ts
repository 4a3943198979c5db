import { Chance } from "./random.ts";

/** One thing that happens in a conversation. `salt` decides over its details, whatever happens before it. */
export interface Step {
  /** Milliseconds after the step before it. */
  readonly wait: number;
  readonly do: Action;
  readonly salt: number;
}

export type Action =
  | "mutate"
  | "burst"
  | "request"
  | "present"
  | "leave-roster"
  | "cut"
  | "stall"
  | "resume"
  | "sleep"
  | "crash"
  | "storage-fails"
  | "storage-full"
  | "clock"
  | "alarm-lost"
  | "alarm-late"
  | "clear"
  | "save"
  | "restore"
  | "arrive"
  | "depart"
  | "pause"
  | "bucket"
  | "history"
  | "simple"
  | "long-wait";

const WEIGHTS: Readonly<Record<Action, number>> = {
  mutate: 30,
  burst: 6,
  request: 6,
  present: 5,
  "leave-roster": 1,
  cut: 7,
  stall: 2,
  resume: 2,
  sleep: 8,
  crash: 5,
  "storage-fails": 2,
  "storage-full": 1,
  clock: 1.5,
  "alarm-lost": 1,
  "alarm-late": 1,
  clear: 1,
  save: 1.5,
  restore: 1,
  arrive: 2,
  depart: 1,
  pause: 1,
  bucket: 1,
  history: 2,
  simple: 4,
  "long-wait": 2,
};

export const KINDS = ["document", "chat", "map", "stream", "tally"] as const;

export interface Plan {
  readonly seed: number;
  readonly kind: (typeof KINDS)[number];
  readonly people: number;
  /** What this room's log keeps, in ops, bytes and milliseconds. */
  readonly retention: { readonly ops: number; readonly bytes: number; readonly age: number };
  /** Mutations carry this much more, in characters at most, so that windows close. */
  readonly filler: number;
  readonly archived: boolean;
  readonly steps: readonly Step[];
}

/** What happens in the conversation of a seed. `keep`: only these of its steps, by index. */
export function planOf(seed: number, keep?: readonly number[]): Plan {
  const chance = new Chance(seed, "plan");
  const kind = chance.pick(KINDS);
  // Each conversation has its own weather: some actions come often in it, and some never.
  const weights = Object.fromEntries(
    Object.entries(WEIGHTS).map(([action, weight]) => [action, weight * chance.pick([0, 0.5, 1, 1, 2, 4])]),
  ) as Record<Action, number>;
  weights.mutate = Math.max(weights.mutate, 15);
  // So much is said, and so little is read, that windows close.
  const heavy = chance.happens(0.15);
  if (heavy) Object.assign(weights, { mutate: 40, burst: 8, stall: 8, resume: 3, sleep: 4 });
  const small = chance.happens(0.4);
  const steps: Step[] = [];
  const count = chance.between(15, 50);
  for (let index = 0; index < count; index += 1) {
    steps.push({
      wait: chance.pick([0, 0, 1, 3, 10, 50, 300, 2_000]),
      do: chance.weighted(weights),
      salt: chance.below(2 ** 31),
    });
  }
  return {
    seed,
    kind,
    people: chance.between(2, 4),
    retention: {
      ...(small ? { ops: chance.between(5, 40), bytes: 200_000 } : { ops: 10_000, bytes: 16 * 1024 * 1024 }),
      age: chance.happens(0.15) ? 2 * 60_000 : 30 * 24 * 60 * 60_000,
    },
    filler: heavy ? 120_000 : 20_000,
    archived: kind === "stream" && chance.happens(0.6),
    steps: keep === undefined ? steps : steps.filter((_, index) => keep.includes(index)),
  };
}
