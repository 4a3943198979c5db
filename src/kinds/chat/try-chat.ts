import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { Context, Kind } from "../kind.ts";
import { amendments } from "./amend.ts";
import { chatIntents } from "./intents.ts";
import { chatKind, type ChatKind } from "./kind.ts";
import type { ChatLimits } from "./limits.ts";
import type { ChatIntent, ChatOp, ChatState } from "./types.ts";

export type Author = Partial<Pick<Context, "by" | "guest" | "user" | "can" | "presence" | "address">>;

export const ADA: Author = { by: "ada", presence: { name: "Ada" }, can: ["read", "write"], address: "a1" };
export const BOB: Author = { by: "bob", presence: { name: "Bob" }, can: ["read", "write"], address: "b2" };
export const EVE: Author = { by: "eve", user: { id: "7", name: "Eve" }, can: ["read", "write"], address: "e3" };
export const MOD: Author = {
  by: "mod",
  user: { id: "1", name: "Mod" },
  can: ["read", "write", "admin"],
  address: "m4",
};

/** A chat without a room, for this folder's tests: one intent at a time, a log as it was and one as it was amended. */
export class Talk {
  readonly kind: ChatKind;
  now = 1_700_000_000_000;
  state: ChatState;
  /** The ops as they were decided, and the states before each. */
  readonly decided: ChatOp[] = [];
  readonly states: ChatState[] = [];
  /** What a room's log holds. */
  readonly log: ChatOp[] = [];

  constructor(limits: Partial<ChatLimits> = {}) {
    this.kind = { ...chatKind(limits), intents: chatIntents };
    this.state = freeze(this.kind.initial());
  }

  /** The last op's number. */
  get seq(): number {
    return this.log.length;
  }

  /** Carries an intent out, a millisecond after the last; answers `code path` of a refusal, or undefined. */
  do(author: Author, intent: ChatIntent, after = 1): string | undefined {
    this.now += after;
    const decision = this.decide(author, intent);
    if (decision instanceof Refusal) return [decision.code, decision.place.path].filter(Boolean).join(" ");
    for (const op of decision) {
      this.states.push(this.state);
      this.decided.push(op);
      this.state = freeze(this.kind.fold(this.state, freeze(op)));
      for (const target of amendments.targets(op)) {
        const earlier = this.log[target - 1];
        if (earlier !== undefined) this.log[target - 1] = freeze(amendments.amend(earlier, op));
      }
      this.log.push(op);
    }
    return undefined;
  }

  decide(author: Author, intent: ChatIntent): readonly ChatOp[] | Refusal {
    const context: Context = {
      now: this.now,
      id: () => "id",
      can: [],
      limits: DEFAULT_LIMITS,
      seq: this.seq + 1,
      read: (seq) => this.log[seq - 1],
      ...author,
    };
    return decideChecked(this.kind, this.state, intent, context);
  }
}

function decideChecked<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  state: State,
  intent: Intent,
  context: Context,
): readonly Op[] | Refusal {
  const shape = kind.intents?.["~standard"].validate(intent);
  if (shape instanceof Promise) throw new TypeError("The schema is asynchronous.");
  if (shape?.issues !== undefined) return new Refusal("bad_intent", shape.issues[0]?.message ?? "");
  if (!context.can.includes(kind.permission?.(intent) ?? "write")) return new Refusal("forbidden", "Not allowed.");
  return kind.decide(state, intent, context);
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
}
