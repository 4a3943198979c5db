import type { Context, Kind } from "../kinds/kind.ts";
import { Working } from "../kinds/working.ts";
import type { Hello } from "../protocol/client/hello.ts";
import { formatVersion, type Position } from "../protocol/position.ts";
import type { Done, Refused } from "../protocol/room/answers.ts";
import type { Ops } from "../protocol/room/ops.ts";
import type { Snapshot } from "../protocol/room/snapshot.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import { RoomcastError } from "./errors.ts";
import { randomText } from "./random.ts";

/** Mutations that may be unanswered at a time; more wait here. */
const IN_FLIGHT = 500;

/** Frozen through and through. What is frozen already is taken to be so, so that only what is new costs time. */
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}

/** What `decide` is told besides a mutation's own time, ids and number. */
export type Surroundings = Omit<Context, "now" | "id" | "seq">;

/** What a handle that holds more than the room's state does with what comes. */
export interface Hooks<State, Op> {
  /** What is confirmed after a snapshot of the same history, given what was before it; the snapshot unless told otherwise. */
  readonly join?: (before: State, snapshot: State) => State;
  /** Where ops begin, and which are wanted; then the state is only that of the ops that came. */
  readonly wants?: Pick<Hello, "from" | "filter">;
  /** Called with each op as it is confirmed. */
  readonly confirmed?: (op: Op, seq: number) => void;
}

interface Pending<Intent, Op> {
  readonly m: number;
  readonly intents: readonly Intent[];
  readonly ifVersion: string | undefined;
  /** What follows the number in its `mutate` message, ready to send. */
  readonly rest: string;
  readonly now: number;
  /** Ids that `decide` was given, so that it gets the same ones each time. */
  readonly ids: string[];
  readonly settle: (error?: RoomcastError) => void;
  /** What it came to when last decided; none when refused. */
  ops: readonly Op[];
  sent: boolean;
  /** Where the room stood when it welcomed the connection that this was first sent on, as a version. */
  under: string;
  /** Sent on an earlier connection. */
  again: boolean;
  /** The room said when it welcomed us that this is behind its head. */
  applied: boolean;
}

/**
 * Thrown when the connection cannot go on. `restart`: what is here does not join what the room says, so
 * reconnect and ask for a snapshot. `resume`: reconnect from the position reached. `stop`: this code is too old for the room.
 */
export class Fault extends Error {
  readonly cure: "restart" | "resume" | "stop";

  constructor(cure: Fault["cure"], message?: string) {
    super(message);
    this.cure = cure;
  }
}

/**
 * One room as one client has it: the state that the room confirmed, and the mutations that it has not
 * answered yet, decided again over that state. Knows neither sockets nor time.
 *
 * On each connection the owner calls `welcome` once, then `receive` with each message in order, and sends
 * what `take` gives; `lost` when the connection ends.
 */
export class Replica<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  readonly #surroundings: () => Surroundings;
  readonly #hooks: Hooks<State, Op>;
  readonly #pending = new Map<number, Pending<Intent, Op>>();
  #at: Position | undefined;
  #confirmed: State | undefined;
  #folding: Working<State, Intent, Op> | undefined;
  #shown: State | undefined;
  #stale = false;
  #cost = 0;
  /** The number that the next op would get, were the pending ones accepted. */
  #guess = 1;
  #you = "";
  #welcomed = "";
  #next = 1;
  #cursor = 1;
  #inFlight = 0;
  #head = 0;
  #awaiting = false;
  #forgotten = false;
  #live = false;

  constructor(kind: Kind<State, Intent, Op>, surroundings: () => Surroundings, hooks: Hooks<State, Op> = {}) {
    this.#kind = kind;
    this.#surroundings = surroundings;
    this.#hooks = hooks;
  }

  /** Confirmed with the pending over it; undefined before the first snapshot. The same value until something changes. */
  get state(): State | undefined {
    if (this.#stale) this.#replay();
    // What is confirmed is shared with it: an app that changed it in place would no longer have what the room has.
    return freeze(this.#shown);
  }

  get version(): string | undefined {
    return this.#at && formatVersion(this.#at);
  }

  /** Where to resume from; undefined asks for a snapshot. */
  get since(): Position | undefined {
    return this.#forgotten ? undefined : this.#at;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Mutations sent on this connection and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** In step with the room, as far as a client can be. */
  get live(): boolean {
    return this.#live;
  }

  /** What reading `state` will take, in milliseconds: 0, or what the last replay took when another is due. */
  get cost(): number {
    return this.#stale ? this.#cost : 0;
  }

  /** Adds a mutation. `text` is the list of intents as JSON. `settle` is called once, with what refused it if anything did. */
  add(text: string, ifVersion: string | undefined, now: number, settle: (error?: RoomcastError) => void): void {
    const m = this.#next;
    this.#next += 1;
    const condition = ifVersion === undefined ? "" : `,"ifVersion":${JSON.stringify(ifVersion)}`;
    const pending: Pending<Intent, Op> = {
      m,
      // From the text, so that the state shares nothing with what the caller may go on changing.
      intents: JSON.parse(text) as readonly Intent[],
      ifVersion,
      rest: `,"intents":${text}${condition}}`,
      now,
      ids: [],
      settle,
      ops: [],
      sent: false,
      under: "",
      again: false,
      applied: false,
    };
    this.#pending.set(m, pending);
    if (this.#at !== undefined && !this.#stale) {
      const working = new Working(this.#kind, this.#shown as State);
      this.#decide(pending, working);
      this.#shown = working.state;
    }
  }

  /** The messages to send now, in order: what has not been sent on this connection, up to the limit in flight. */
  take(): string[] {
    const lines: string[] = [];
    for (; this.#cursor < this.#next && this.#inFlight < IN_FLIGHT; this.#cursor += 1) {
      const pending = this.#pending.get(this.#cursor);
      if (pending === undefined || pending.applied) continue;
      pending.sent = true;
      pending.under ||= this.#welcomed;
      this.#inFlight += 1;
      lines.push(`{"t":"mutate","m":${pending.m}${pending.again ? `,"again":"${pending.under}"` : ""}${pending.rest}`);
    }
    return lines;
  }

  welcome(message: Welcome): void {
    this.#you = message.you;
    this.#welcomed = formatVersion({ epoch: message.epoch, seq: message.head });
    this.#head = message.head;
    this.#awaiting = message.resume !== "tail";
    if (!this.#awaiting && message.epoch !== this.since?.epoch)
      // The tail would not continue from what is here.
      throw new Fault("restart");
    const missing = (m: number): boolean => m > message.last || message.gaps.some(([from, to]) => m >= from && m <= to);
    for (const pending of this.#pending.values()) pending.applied = !missing(pending.m);
    this.#arrive();
  }

  receive(message: Ops | Snapshot | Done | Refused): void {
    switch (message.t) {
      case "ops":
        this.#ops(message);
        break;
      case "snapshot":
        this.#snapshot(message);
        break;
      case "done":
        this.#settle(message.m);
        break;
      case "refused":
        if (message.m !== undefined) {
          this.#settle(message.m, new RoomcastError(message.code, message.message, message));
        }
        break;
      default:
        message satisfies never;
    }
  }

  /** The connection is gone: everything pending has yet to be sent on the next. */
  lost(): void {
    for (const pending of this.#pending.values()) {
      pending.again ||= pending.sent;
      pending.sent = pending.applied = false;
    }
    [this.#cursor = 1] = this.#pending.keys();
    this.#inFlight = 0;
    this.#live = false;
  }

  /** Changes what is confirmed by what the log does not tell: earlier messages that were fetched. Nothing before the first snapshot. */
  revise(change: (confirmed: State) => State): void {
    if (this.#at === undefined) return;
    this.#settleFolds();
    this.#confirmed = change(this.#confirmed as State);
    this.#stale = true;
  }

  /** What is here no longer joins the room's history. It is shown until a snapshot replaces it. */
  forget(): void {
    this.#forgotten = true;
  }

  /** Gives up on everything pending. */
  abandon(error: RoomcastError): void {
    for (const m of this.#pending.keys()) this.#settle(m, error);
  }

  #ops(message: Ops): void {
    if (this.#at === undefined || this.#awaiting) throw new Fault("restart");
    const { epoch } = this.#at;
    let had = this.#at.seq;
    let seq = message.seq;
    if (seq > had + 1) throw new Fault("restart");
    try {
      for (const entry of message.entries) {
        const own = entry.by === this.#you && entry.m !== undefined ? this.#pending.get(entry.m) : undefined;
        const ops = entry.ops as readonly Op[];
        const given = seq + ops.length - 1;
        const last = given + (entry.skip ?? 0);
        if (last > had) {
          const foreseen =
            seq === had + 1 && last === given && own !== undefined && !this.#stale && this.#foreseen(own, ops);
          if (foreseen && this.#pending.size === 1) {
            this.#confirmed = this.#shown;
            this.#folding = undefined;
          } else this.#fold(ops.slice(had + 1 - seq));
          if (this.#hooks.confirmed !== undefined) this.#settleFolds();
          for (let i = had + 1; i <= given; i += 1) this.#hooks.confirmed?.(ops[i - seq] as Op, i);
          had = last;
          // Entry by entry, so that a fold that throws leaves a position that is true.
          this.#at = { epoch, seq: had };
          if (!foreseen) this.#stale = true;
        } else if (own !== undefined) {
          this.#stale = true;
        }
        if (own !== undefined) this.#drop(own);
        seq = last + 1;
      }
    } finally {
      this.#settleFolds();
    }
    this.#arrive();
  }

  /** Many entries in a row: what is confirmed is made once, see `#settleFolds`. */
  #fold(ops: readonly Op[]): void {
    const folding = (this.#folding ??= new Working(this.#kind, this.#confirmed as State));
    for (const op of ops) folding.fold(op);
  }

  #settleFolds(): void {
    if (this.#folding !== undefined) this.#confirmed = this.#folding.state;
    this.#folding = undefined;
  }

  // The first of the pending came back as it was predicted, with nothing before it: then what is shown holds.
  #foreseen(own: Pending<Intent, Op>, ops: readonly Op[]): boolean {
    const [first] = this.#pending.values();
    return first === own && JSON.stringify(own.ops) === JSON.stringify(ops);
  }

  #snapshot(message: Snapshot): void {
    const { version } = this.#kind;
    if (message.kv > version)
      throw new Fault("stop", `The room's state has version ${message.kv}, this client ${version}.`);
    // The room's code is older than this client's: its next connection may reach newer code.
    if (message.kv < version) throw new Fault("restart");
    const asked = this.#awaiting;
    if (!asked && message.epoch === this.#at?.epoch && message.seq <= this.#at.seq) return;
    this.#awaiting = this.#forgotten = false;
    const joins = message.epoch === this.#at?.epoch && this.#hooks.join !== undefined;
    this.#at = { epoch: message.epoch, seq: message.seq };
    // One that was asked for may be of the state before ops that follow it up to the head.
    if (!asked) this.#head = 0;
    const state = message.state as State;
    this.#confirmed = joins ? this.#hooks.join(this.#confirmed as State, state) : state;
    this.#stale = true;
    this.#settleApplied();
    this.#arrive();
    // It may hold mutations that are unanswered, whose entries will never come. The next welcome tells which.
    if (!asked && this.#inFlight > 0) throw new Fault("resume");
  }

  #arrive(): void {
    if (this.#awaiting || this.#at === undefined || this.#at.seq < this.#head || this.#live) return;
    this.#live = true;
    // Applied, yet not in the tail: they had changed nothing, so that there is no entry to wait for.
    this.#settleApplied();
  }

  #settleApplied(): void {
    for (const pending of this.#pending.values()) if (pending.applied) this.#settle(pending.m);
  }

  #settle(m: number, error?: RoomcastError): void {
    const pending = this.#pending.get(m);
    if (pending === undefined) return;
    if (pending.ops.length > 0) this.#stale = true;
    this.#drop(pending, error);
  }

  #drop(pending: Pending<Intent, Op>, error?: RoomcastError): void {
    this.#pending.delete(pending.m);
    if (pending.sent) this.#inFlight -= 1;
    pending.settle(error);
  }

  #replay(): void {
    const start = performance.now();
    this.#settleFolds();
    this.#stale = false;
    this.#shown = this.#confirmed;
    if (this.#at === undefined) return;
    this.#guess = this.#at.seq + 1;
    const working = new Working(this.#kind, this.#confirmed as State);
    for (const pending of this.#pending.values()) this.#decide(pending, working);
    this.#shown = working.state;
    this.#cost = performance.now() - start;
  }

  #changesBefore(pending: Pending<Intent, Op>): boolean {
    for (const earlier of this.#pending.values()) {
      if (earlier === pending) break;
      if (earlier.ops.length > 0) return true;
    }
    return false;
  }

  // All intents of a mutation or none, as in the room. What the room is going to refuse is not shown, but only the room refuses it.
  #decide(pending: Pending<Intent, Op>, working: Working<State, Intent, Op>): void {
    const { intents, ids, ifVersion, now } = pending;
    pending.ops = [];
    if (ifVersion !== undefined && (ifVersion !== this.version || this.#changesBefore(pending))) return;
    let used = 0;
    const id = (): string => {
      const given = (ids[used] ??= randomText(16));
      used += 1;
      return given;
    };
    const surroundings = this.#surroundings();
    const ops: Op[] = [];
    working.begin();
    try {
      for (const intent of intents) {
        const context: Context = { ...surroundings, now, id, seq: this.#guess + ops.length };
        const decision = working.decide(intent, context);
        if (!Array.isArray(decision)) {
          working.undo();
          return;
        }
        for (const op of decision as readonly Op[]) {
          working.fold(op);
          ops.push(op);
        }
      }
    } catch {
      // An intent that is none: without the kind's schema, `decide` may stumble over it. The room says what is wrong.
      working.undo();
      return;
    }
    pending.ops = ops;
    this.#guess += ops.length;
  }
}
