import type { Context, Kind } from "../kinds/kind.ts";
import { DEFAULT_LIMITS, type Limits } from "../protocol/limits.ts";
import { refuse, Refusal } from "../protocol/refusal.ts";
import type { Permission, User } from "../protocol/user.ts";

/** What the room would stamp, and where it would begin. */
export interface ReplayOptions<State> {
  /** The state to begin from; the kind's initial one where absent. */
  readonly state?: State;
  /** The clock at the first intent, milliseconds since 1970; 1,700,000,000,000 where absent. Each intent is 1 ms later. */
  readonly now?: number;
  readonly by?: string;
  readonly user?: User;
  /** Everything, where absent. */
  readonly can?: readonly Permission[];
  /** Over the kind's own, over the defaults. */
  readonly limits?: Partial<Limits>;
  /** All intents as one mutation: the first refusal undoes the others. Each is a mutation of its own otherwise. */
  readonly atomic?: boolean;
}

export interface Replayed<State, Op> {
  readonly state: State;
  /** The log, oldest first. */
  readonly ops: readonly Op[];
  readonly refusals: readonly ReplayRefusal[];
}

export interface ReplayRefusal {
  /** Index of the intent, from 0. */
  readonly intent: number;
  readonly refusal: Refusal;
}

/** One intent as the room takes it, and what became of it. */
export interface ReplayStep<State, Op> {
  readonly before: State;
  readonly intent: unknown;
  /** A new one at each call, the same each time: ids begin again. */
  readonly context: () => Context;
  readonly decision: readonly Op[] | Refusal;
  readonly after: State;
}

/**
 * Runs intents through a kind as a room does: checks each against `kind.intents` and `kind.permission`, decides,
 * folds. Time and ids are made up, and the same at each run.
 *
 * @throws TypeError when the kind's schema is asynchronous: a room takes each intent in one turn.
 */
export function replay<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  intents: readonly Intent[],
  options: ReplayOptions<State> = {},
): Replayed<State, Op> {
  const start = options.state === undefined ? kind.initial() : options.state;
  let state = start;
  const ops: Op[] = [];
  const refusals: ReplayRefusal[] = [];
  for (const [intent, step] of steps(kind, intents, options, start)) {
    if (step.decision instanceof Refusal) {
      refusals.push({ intent, refusal: step.decision });
      if (options.atomic === true) return { state: start, ops: [], refusals };
    } else {
      ops.push(...step.decision);
      state = step.after;
    }
  }
  return { state, ops, refusals };
}

/** The steps of a replay, one at a time, each with its index. */
export function* steps<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  intents: readonly Intent[],
  options: ReplayOptions<State>,
  start: State,
): Generator<[number, ReplayStep<State, Op>]> {
  let before = start;
  let seq = 1;
  for (const [index, intent] of intents.entries()) {
    const context = (): Context => makeContext(kind.limits, options, index, seq);
    const decision = decideOne(kind, before, intent, context());
    const after = decision instanceof Refusal ? before : decision.reduce(kind.fold, before);
    yield [index, { before, intent, context, decision, after }];
    before = after;
    if (!(decision instanceof Refusal)) seq += decision.length;
  }
}

/** What a room does with one intent before it folds. */
export function decideOne<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  state: State,
  given: Intent,
  context: Context,
): readonly Op[] | Refusal {
  let intent = given;
  if (kind.intents !== undefined) {
    const result = kind.intents["~standard"].validate(given);
    if (result instanceof Promise) throw new TypeError(`The schema of kind ${kind.name} is asynchronous.`);
    if (result.issues !== undefined) {
      return refuse("bad_intent", result.issues[0]?.message ?? "The intent has the wrong shape.");
    }
    intent = result.value;
  }
  const needed = kind.permission?.(intent) ?? "write";
  if (!context.can.includes(needed)) return refuse("forbidden", `This needs the permission ${needed}.`);
  return kind.decide(state, intent, context);
}

function makeContext(
  kindLimits: Partial<Limits> | undefined,
  options: ReplayOptions<unknown>,
  index: number,
  seq: number,
): Context {
  let ids = 0;
  return {
    now: (options.now ?? 1_700_000_000_000) + index,
    id: () => {
      ids += 1;
      return `${index.toString(36).padStart(8, "0")}${ids.toString(36).padStart(8, "0")}`;
    },
    ...(options.by === undefined ? {} : { by: options.by }),
    ...(options.user === undefined ? {} : { user: options.user }),
    can: options.can ?? ["read", "write", "admin"],
    seq,
    limits: { ...DEFAULT_LIMITS, ...kindLimits, ...options.limits },
  };
}
