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
  /** Writes of about 100 kB each, beside a reader that takes nothing in. */
  | "flood"
  /** One write that makes the state large. */
  | "large"
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
  /** Reading with too few permissions, in every way there is. */
  | "peek"
  /** Somebody has other permissions from the next connection on. */
  | "permit"
  /** Newer code, whose state and ops have another shape. */
  | "deploy"
  | "simple";

const WEIGHTS: Readonly<Record<Action, number>> = {
  mutate: 30,
  burst: 6,
  flood: 0,
  large: 0,
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
  peek: 1,
  permit: 1,
  deploy: 0,
  simple: 4,
};

export const KINDS = ["document", "chat", "map", "stream", "tally"] as const;

/**
 * What a conversation is about, beside what chance does everywhere: windows that close and what happens before they open
 * again, a state that is larger than what retention keeps of the log, an archive whose jobs are cut off, or a deploy of
 * code that brings what is stored into another shape.
 */
export type Theme = "any" | "flood" | "large" | "archive" | "deploy";

export interface Plan {
  readonly seed: number;
  readonly kind: (typeof KINDS)[number];
  readonly theme: Theme;
  readonly people: number;
  /** What this room's log keeps, in ops, bytes and milliseconds. */
  readonly retention: { readonly ops: number; readonly bytes: number; readonly age: number };
  /** Mutations carry at most this many characters more. */
  readonly filler: number;
  readonly archived: boolean;
  readonly steps: readonly Step[];
}

const WAITS_MS = [0, 0, 1, 3, 10, 50, 300, 2_000];

/** Long enough for the alarm of the archive, which comes a minute after a commit. */
const LONG_WAITS_MS = [0, 3, 50, 2_000, 30_000, 60_100];

const KINDS_OF: Readonly<Record<Theme, readonly Plan["kind"][]>> = {
  any: KINDS,
  flood: ["document", "document", "stream"],
  large: ["document", "tally"],
  archive: ["stream"],
  deploy: ["tally"],
};

type Weights = Partial<Record<Action, number>>;

const WHILE_STALLED: Weights = { present: 5, "leave-roster": 1, sleep: 5, mutate: 4, arrive: 1, depart: 1, crash: 0.3 };
const BESIDE_LARGE: Weights = { mutate: 10, burst: 3, request: 2, sleep: 3, crash: 1, cut: 1, "storage-fails": 0.5 };
const BESIDE_ARCHIVE: Weights = { mutate: 6, burst: 2, request: 2, sleep: 2, crash: 4, "storage-fails": 2, bucket: 1 };

/** What happens in the conversation of a seed. `keep`: only these of its steps, by index. */
export function planOf(seed: number, keep?: readonly number[]): Plan {
  const chance = new Chance(seed, "plan");
  const theme = chance.weighted({ any: 80, flood: 4, large: 5, archive: 6, deploy: 5 });
  const kind = chance.pick(KINDS_OF[theme]);
  const small = theme === "large" || chance.happens(theme === "flood" ? 0.2 : 0.4);
  const steps = STEPS[theme](chance);
  return {
    seed,
    kind,
    theme,
    people: chance.between(2, 4),
    retention: {
      ...(small ? { ops: chance.between(5, 40), bytes: 200_000 } : { ops: 10_000, bytes: 16 * 1024 * 1024 }),
      age: chance.happens(0.15) ? 2 * 60_000 : 30 * 24 * 60 * 60_000,
    },
    filler: theme === "any" ? 20_000 : 2_000,
    archived: theme === "archive" || (kind === "stream" && chance.happens(0.6)),
    steps: keep === undefined ? steps : steps.filter((_, index) => keep.includes(index)),
  };
}

function step(chance: Chance, action: Action, waits: readonly number[] = WAITS_MS): Step {
  return { wait: chance.pick(waits), do: action, salt: chance.below(2 ** 31) };
}

function some(chance: Chance, count: number, weights: Weights, waits?: readonly number[]): readonly Step[] {
  return Array.from({ length: count }, () => step(chance, chance.weighted(weights as Record<Action, number>), waits));
}

/** Each conversation has its own weather: some actions come often in it, and some never. */
function weather(chance: Chance): Weights {
  const weights: Weights = Object.fromEntries(
    Object.entries(WEIGHTS).map(([action, weight]) => [action, weight * chance.pick([0, 0.5, 1, 1, 2, 4])]),
  );
  return { ...weights, mutate: Math.max(weights.mutate ?? 0, 15) };
}

const STEPS: Readonly<Record<Theme, (chance: Chance) => readonly Step[]>> = {
  any: (chance) => some(chance, chance.between(15, 50), weather(chance)),

  flood: (chance) => [
    ...some(chance, chance.between(2, 6), weather(chance)),
    step(chance, "present"),
    // The window is open when the room sleeps, or closed.
    ...(chance.happens(0.5) ? [step(chance, "flood"), step(chance, "sleep", [2_000])] : []),
    step(chance, "flood"),
    ...some(chance, chance.between(1, 5), WHILE_STALLED, [500, 2_000, 12_000]),
    step(chance, "resume"),
    ...some(chance, chance.between(0, 8), weather(chance)),
  ],

  large: (chance) => [
    step(chance, "mutate"),
    step(chance, "large"),
    ...some(chance, chance.between(15, 70), BESIDE_LARGE),
  ],

  archive: (chance) => some(chance, chance.between(8, 25), BESIDE_ARCHIVE, LONG_WAITS_MS),

  deploy: (chance) => [
    ...some(chance, chance.between(5, 25), weather(chance)),
    step(chance, "save"),
    // So that there is a checkpoint.
    ...(chance.happens(0.5) ? [step(chance, "large")] : []),
    step(chance, "deploy", [300, 2_000]),
    ...some(chance, chance.between(3, 20), weather(chance)),
  ],
};
