import type { StandardSchemaV1 } from "./standard-schema.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Limits, Retention } from "../protocol/limits.ts";
import type { Rate } from "../protocol/rate.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { Permission, User } from "../protocol/user.ts";

/** What `decide` may know besides the state and the intent. The room stamps it; a kind asks for nothing else. */
export interface Context {
  /** Milliseconds since 1970 by the room's clock; never goes back within a room. On a client, a guess. */
  readonly now: number;
  /** A new unguessable id, 16 characters of [a-z0-9]. */
  readonly id: () => string;
  /** The author's public name, as in `entries[].by`; absent when the server itself is the author. */
  readonly by?: string;
  /** The public name of a guest who has one: the same in all of their clients, where `by` is another in each. */
  readonly guest?: string;
  readonly user?: User;
  readonly can: readonly Permission[];
  readonly limits: Limits;
  /** The number that the first op decided now gets. On a client, a guess. */
  readonly seq: number;
  /** What the author's connection shows of itself, when it does. */
  readonly presence?: JsonObject;
  /**
   * Stands for the author's network address: the same for the same address within a room, and tells nothing of it.
   * In the room only, and only for a kind that has `admits`.
   */
  readonly address?: string;
  /** An earlier op by its number, as amended since; undefined when it is not retained. In the room only. */
  readonly read?: (seq: number) => unknown;
}

/** Somebody at the door, or already in. */
export interface Visitor {
  readonly by?: string;
  /** As in `Context`. */
  readonly guest?: string;
  readonly user?: User;
  readonly can: readonly Permission[];
  /** As in `Context`. */
  readonly address?: string;
  /** Milliseconds since 1970 by the room's clock. */
  readonly now: number;
}

/**
 * How an op changes earlier ones where they stand in the log, so that who reads them later reads what is true:
 * an edited message, an erased one. The number stays.
 */
export interface Amendments<Op> {
  /** The numbers of the earlier ops that `op` changes; none for most. */
  readonly targets: (op: Op) => readonly number[];
  /**
   * The earlier op after it. `fold` must take both: over a state that has seen the earlier op as it was, and over
   * one that first meets it amended and then meets `op`.
   */
  readonly amend: (earlier: Op, op: Op) => Op;
  /** Whether what was there before must not be left anywhere, checkpoints included. */
  readonly erases: (op: Op) => boolean;
}

/**
 * What a room does with its log. Pure code, the same on server and client: no clock, no chance, no
 * platform; states, intents and ops are JSON and are never changed in place.
 */
export interface Kind<State, Intent, Op> {
  /** In routes and messages: lower-case letters, digits and dashes. */
  readonly name: string;
  /** Version of the shape of state and ops, from 1. Raise it with a step in `migrate`. */
  readonly version: number;
  /** The state before the first op. */
  readonly initial: () => State;
  /**
   * Checks an intent's shape (any Standard Schema: valibot, zod, arktype). Runs in the room only, so
   * that clients need not download it; a room without one takes intents as they come.
   */
  readonly intents?: StandardSchemaV1<unknown, Intent>;
  /** Turns a wish into facts: the ops to log (none when nothing changes), or why not. */
  readonly decide: (state: State, intent: Intent, context: Context) => readonly Op[] | Refusal;
  /** The state after one more op. Total: an op that was logged always folds. */
  readonly fold: (state: State, op: Op) => State;
  /** A state with which another history begins, as after a restore: without what tells of ops by their numbers. */
  readonly begin?: (state: State) => State;
  /**
   * Takes a state in, to decide and fold over it many times in a row: for a kind whose every fold copies much. It comes
   * to the same as `decide` and `fold`, one after the other, which rooms and clients use where there is none.
   */
  readonly draft?: (state: State) => Draft<State, Intent, Op>;
  /** What a write needs, by intent; `write` unless told otherwise. */
  readonly permission?: (intent: Intent) => Permission;
  /** Brings what an older version stored up to `version`: `migrate[n]` goes from n to n + 1. */
  readonly migrate?: Readonly<Record<number, Migration>>;
  /**
   * The ops themselves are what clients want, not only the state they fold to: a client that comes back
   * gets every op that is retained, however many, rather than a snapshot.
   */
  readonly everyOp?: boolean;
  /** Which ops are counted by those who ask for the last so many, and how many there were in all; every op unless told otherwise. */
  readonly items?: { readonly is: (op: Op) => boolean; readonly count: (state: State) => number };
  readonly amendments?: Amendments<Op>;
  /**
   * An op's own name, where it has one: an op whose name is known is not logged again. The room knows the names of ops
   * of the last 24 hours that are retained and among the latest 100,000 and, when it has slept since, the log's last 16 Mi
   * characters.
   */
  readonly once?: (op: Op) => string | undefined;
  /** Reads a filter that a client wrote: which ops it wants to be sent. Runs in the room only. */
  readonly filter?: (text: string) => ((op: Op) => boolean) | Refusal;
  /** Refuses those who may not be here, when they connect and again after each op that `expels`. */
  readonly admits?: (state: State, visitor: Visitor) => Refusal | undefined;
  /** Whether after this op somebody who is here may no longer be. */
  readonly expels?: (op: Op) => boolean;
  /** Checks what a connection wants to show of itself, and brings it into shape. Runs in the room only. */
  readonly presence?: (data: JsonObject, visitor: Visitor) => JsonObject | Refusal;
  /** Changes to the room's limits that fit this kind. */
  readonly limits?: Partial<Limits>;
  readonly retention?: Partial<Retention>;
  /**
   * How often one network address may write, by budget; `DEFAULT_RATE` for budgets that are not here. Holds where the
   * Worker has a limiter. A budget is shared by all rooms that name it.
   */
  readonly rates?: Readonly<Record<string, Rate>>;
  /** The budget that an intent draws on; that of the kind's own name unless told otherwise. */
  readonly budget?: (intent: Intent) => string;
  /**
   * Budgets that each person has besides those of the address, by the budget of an intent. With `{ chat: "chat-person" }`
   * an intent that draws on `chat` takes a token of the address and one of the user, guest or connection.
   */
  readonly personBudgets?: Readonly<Record<string, string>>;
}

/** A state that is being changed. What it was given it leaves as it is; what it has made itself it may change in place. */
export interface Draft<State, Intent, Op> {
  /** A mutation begins. What one may cost counts from here. */
  begin(): void;
  /** As `Kind.decide` over the state so far; its ops are folded next. After a refusal the draft is of no use. */
  decide(intent: Intent, context: Context): readonly Op[] | Refusal;
  /** Takes an op in. False: it does not fit, and the draft is of no use. */
  fold(op: Op): boolean;
  /** The state so far. It stays as it is, whatever comes later. */
  seal(): State;
}

/** One step from a version to the next. What it is given was written by the older code. */
export interface Migration {
  readonly state: (old: unknown) => unknown;
  readonly op: (old: unknown) => unknown;
}

/** Declares a kind. Only checks the declaration and returns it; there is no registry. */
export function defineKind<State, Intent, Op>(kind: Kind<State, Intent, Op>): Kind<State, Intent, Op> {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(kind.name)) {
    throw new TypeError(`A kind's name is lower-case letters, digits and dashes: ${JSON.stringify(kind.name)}`);
  }
  if (!Number.isSafeInteger(kind.version) || kind.version < 1) {
    throw new TypeError(`The version of kind ${kind.name} must be a whole number from 1.`);
  }
  for (let from = 1; from < kind.version; from += 1) {
    if (kind.migrate?.[from] === undefined) {
      throw new TypeError(`Kind ${kind.name} is at version ${kind.version} but has no migration from ${from}.`);
    }
  }
  return kind;
}
