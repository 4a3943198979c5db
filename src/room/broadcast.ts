import type { Dialect, DialectEvent } from "../dialects/dialect.ts";
import { markMessage } from "../dialects/native/codec.ts";
import type { Hello } from "../protocol/client/hello.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { PresenceRecord } from "../protocol/room/presence.ts";
import type { Snapshot } from "../protocol/room/snapshot.ts";
import type { Connection, Lag, Start } from "./connection.ts";
import type { Filters } from "./filters.ts";
import { memo } from "./changes.ts";
import { beforeLast } from "./last.ts";
import type { Ledger } from "./ledger.ts";
import type { Committed } from "./mutation.ts";
import { migrateBody } from "./migrate.ts";
import type { Past } from "./past.ts";
import type { Roster } from "./presence.ts";
import { opsOfRow } from "./read.ts";
import { planResume, type ResumePlan } from "./resume.ts";
import type { Store } from "./storage/store.ts";
import type { Position } from "../protocol/position.ts";

export const NATIVE = "native";

/** Rows are joined into catch-up frames of about this many UTF-16 units. */
const FRAME_UNITS = 128 * 1024;

/** A dialect is given so much of the past, in UTF-16 units. */
const RECENT_UNITS = 1024 * 1024;

/** Whole rows, and the number of their last op. */
interface Tail {
  readonly bodies: readonly string[];
  readonly last: number;
}

/** Anybody's dialect: its session type is its own affair. */
export type AnyDialect<State, Op> = Dialect<Json, State, Op>;

interface Parts<State, Intent, Op> {
  readonly kind: Kind<State, Intent, Op>;
  readonly ledger: Ledger<State, Intent, Op>;
  readonly store: Store;
  readonly roster: Roster;
  readonly dialects: ReadonlyMap<string, AnyDialect<State, Op>>;
  readonly filters: Filters<State, Intent, Op>;
  readonly past: Past | undefined;
  /** Whether it has not been closed. */
  readonly isOpen: (connection: Connection) => boolean;
  readonly end: (connection: Connection, refusal: Refusal) => void;
  readonly connections: () => Iterable<Connection>;
}

/** Sends what was committed to everybody, and to each what it still lacks. Frames are made once, not per socket. */
export class Broadcast<State, Intent, Op> {
  readonly #parts: Parts<State, Intent, Op>;
  /** Those for whom the past is being read. */
  readonly #reading = new WeakSet<Connection>();
  /** Those that failed. Their dialects, whose fault it may be, are not asked how to say so. */
  readonly #failed = new WeakSet<Connection>();

  constructor(parts: Parts<State, Intent, Op>) {
    this.#parts = parts;
  }

  /** Does what is one connection's alone: where that fails the connection is ended, and undefined is the answer. */
  alone<T>(connection: Connection, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const { kind, end } = this.#parts;
      console.error(`roomcast: ${kind.name}: a connection failed`, error);
      this.#failed.add(connection);
      end(connection, refuse("internal", "The room failed on this connection."));
      return undefined;
    }
  }

  /** Runs `work` for every connection. A fault in one closes that one, and the others have their turn. */
  #each(work: (connection: Connection) => void): void {
    for (const connection of this.#parts.connections()) this.alone(connection, () => work(connection));
  }

  /** A committed run, to every live connection; one that lags gets it with its catch-up. */
  run(run: Committed<State, Op>): void {
    const { ledger, filters } = this.#parts;
    const { total } = ledger;
    const texts = memo();
    const runs = each((): DialectEvent<State, Op> => ({ type: "run", run: { ...run, once: memo() } }));
    this.#each((connection) => {
      if (connection.dialect !== NATIVE) {
        this.step(connection, runs(connection.dialect));
      } else if (connection.client !== undefined && connection.lag === undefined) {
        connection.counted = total;
        const { filter } = connection;
        const text = filter === undefined ? run.text : texts(() => [filters.apply(run.text, filter)], filter)[0];
        if (text !== undefined) this.#deliver(connection, text, run.last);
      }
    });
  }

  /** What a dialect is told of its socket that was just accepted. */
  opening(params: JsonObject, by: string): DialectEvent<State, Op> {
    const { ledger, roster } = this.#parts;
    return { type: "open", params, by, state: ledger.state, roster: roster.list(), recent: (n) => this.#recent(n) };
  }

  /** What a dialect is told of a frame. The roster is listed only for those that look. */
  frame(data: string | ArrayBuffer): DialectEvent<State, Op> {
    const { ledger, roster } = this.#parts;
    return {
      type: "frame",
      data,
      state: ledger.state,
      get roster() {
        return roster.list();
      },
    };
  }

  /** Tells dialects at once what native connections hear with the next roster message. */
  joined(newcomer: Connection, member: PresenceRecord): void {
    this.#each((connection) => {
      if (connection.dialect !== NATIVE)
        this.step(connection, { type: "joined", member, self: connection === newcomer });
    });
  }

  left(member: PresenceRecord): void {
    this.#each((connection) => {
      if (connection.dialect !== NATIVE) this.step(connection, { type: "left", member });
    });
  }

  roster(text: string): void {
    this.#each((connection) => {
      if (connection.watching && connection.lag === undefined) this.#deliver(connection, text, undefined);
    });
  }

  /** The history was replaced: everybody starts from the new state. */
  reset(reset: "restored" | "cleared"): void {
    const { state } = this.#parts.ledger;
    const events = each((): DialectEvent<State, Op> => ({ type: "reset", state, once: memo() }));
    this.#each((connection) => {
      if (connection.dialect !== NATIVE) {
        this.step(connection, events(connection.dialect));
      } else if (connection.client !== undefined) {
        const lagged = connection.lag !== undefined;
        connection.lag = connection.wantsOps
          ? { needs: "start", at: { after: 0 }, reset }
          : { needs: "snapshot", reset };
        if (lagged) this.#resumed(connection);
        else this.catchUp(connection);
      }
    });
  }

  /** Plans how a client that has everything up to `since` is brought to the room's position. */
  plan(since: Position | undefined, wantsOps = false): ResumePlan {
    const { ledger, kind } = this.#parts;
    return planResume(since, {
      position: ledger.position,
      oldest: this.oldest,
      tailBytes: (seq) => ledger.tailBytes(seq),
      // Only where it decides: it may have to write out the state.
      get snapshotBytes() {
        return ledger.snapshotBytes;
      },
      everyOp: wantsOps || (kind.everyOp ?? false),
      wantsOps,
    });
  }

  /** The oldest op that can be read, here or in the past. */
  get oldest(): number {
    const { ledger, past } = this.#parts;
    return Math.min(ledger.oldest, past?.oldest ?? Infinity);
  }

  /** Where ops begin for one that says so. */
  startOf(from: NonNullable<Hello["from"]>): Start {
    const { ledger, past, store } = this.#parts;
    const { seq } = ledger.position;
    if (from === "start") return { after: this.oldest - 1 };
    if ("last" in from) {
      const after = beforeLast(this.#parts.kind, ledger, store.log, from.last);
      return { after: Math.max(after, this.oldest - 1) };
    }
    const first = ledger.oldest > seq ? undefined : store.log.seqAt(from.at);
    // The log begins at that time or later; so there may be more of it in the past.
    if (past !== undefined && past.oldest < ledger.oldest && (first ?? Infinity) <= ledger.oldest)
      return { time: from.at };
    return { after: first === undefined ? seq : first - 1 };
  }

  /** Sends what a native connection lacks, as far as its window allows; the rest when it answers a mark. */
  catchUp(connection: Connection): void {
    this.alone(connection, () => {
      while (connection.lag !== undefined && connection.flow.open) {
        if (!this.#catchUpOnce(connection, connection.lag)) break;
      }
      connection.counted = this.#parts.ledger.total;
      connection.save();
    });
  }

  /** Goes on with a connection that has answered a mark. */
  goOn(connection: Connection): void {
    if (connection.lag === undefined) this.catchUp(connection);
    else this.#resumed(connection);
  }

  /**
   * Goes on with a connection that could not be brought up to date in one turn: it has answered a mark, or the archive
   * has answered for it; `first` is done with that answer. Roster messages are not sent to a connection that lags, so
   * it gets the whole roster once it is live.
   */
  #resumed(connection: Connection, first?: () => void): void {
    if (first !== undefined) this.alone(connection, first);
    if (!this.#parts.isOpen(connection)) return;
    this.catchUp(connection);
    if (this.#parts.isOpen(connection) && connection.lag === undefined && connection.watching)
      this.answer(connection, this.#parts.roster.full());
  }

  /** Sends what is for this connection alone. */
  answer(connection: Connection, text: string): void {
    this.alone(connection, () => this.#deliver(connection, text, undefined));
  }

  /** Hands an event to a connection's dialect and does what it says, except for its commands. */
  step(connection: Connection, event: DialectEvent<State, Op>): ReturnType<AnyDialect<State, Op>["step"]>["commands"] {
    const dialect = this.#parts.dialects.get(connection.dialect);
    if (dialect === undefined || this.#failed.has(connection)) return [];
    const commands = this.alone(connection, () => {
      const step = dialect.step(connection.session, event);
      for (const frame of step.frames) connection.send(frame);
      if (step.session !== connection.session) {
        connection.session = step.session;
        connection.save();
      }
      return step.commands;
    });
    return commands ?? [];
  }

  #catchUpOnce(connection: Connection, lag: NonNullable<Connection["lag"]>): boolean {
    const { ledger } = this.#parts;
    if (lag.needs === "snapshot") {
      connection.lag = undefined;
      return this.#deliver(connection, this.#snapshot(lag.reset), ledger.position.seq);
    }
    if (lag.needs === "start") return this.#start(connection, lag);
    const plan = this.plan({ epoch: ledger.position.epoch, seq: lag.after }, connection.wantsOps);
    if (plan.resume === "tail") {
      if (lag.after + 1 < ledger.oldest && lag.after < ledger.position.seq)
        return this.#readPast(connection, lag.after);
      return this.#sendTail(connection, this.#tail(lag.after));
    }
    // Ops that it was owed have been dropped since, or have come to cost more than the state.
    if (plan.resume === "reset" && connection.wantsOps) {
      connection.lag = { needs: "start", at: { after: this.oldest - 1 }, reset: "behind" };
    } else {
      connection.lag = plan.resume === "reset" ? { needs: "snapshot", reset: "behind" } : { needs: "snapshot" };
    }
    return true;
  }

  /** Says where ops begin, by a snapshot of the state before all of them, and goes on from there. */
  #start(connection: Connection, { at, reset }: Lag & { readonly needs: "start" }): boolean {
    const { ledger, kind } = this.#parts;
    if ("time" in at) {
      this.#wait(
        connection,
        (past) => past.seqAt(at.time),
        (seq) => {
          const start = this.startOf({ at: at.time });
          const after = seq === undefined ? ledger.oldest - 1 : seq - 1;
          connection.lag = {
            needs: "start",
            at: "after" in start ? start : { after },
            ...(reset === undefined ? {} : { reset }),
          };
        },
      );
      return false;
    }
    const { after } = at;
    connection.lag = after < ledger.position.seq ? { needs: "tail", after } : undefined;
    return this.#deliver(connection, this.#snapshot(reset, after, JSON.stringify(kind.initial())), after);
  }

  #readPast(connection: Connection, after: number): boolean {
    this.#wait(
      connection,
      (past) => past.read(after),
      (runs) => {
        const last = runs?.at(-1)?.last;
        if (runs === undefined || last === undefined || last <= after) {
          // Neither in the log nor in the archive: start over at the oldest op after it.
          const next = this.oldest > after + 1 ? this.oldest : this.#parts.ledger.oldest;
          connection.lag = { needs: "start", at: { after: next - 1 }, reset: "behind" };
        } else {
          this.#sendTail(connection, { bodies: runs.map(({ body }) => body), last });
        }
      },
    );
    return false;
  }

  /** Asks the past, and goes on with the connection once it has answered. */
  #wait<T>(connection: Connection, ask: (past: Past) => Promise<T>, then: (answer: T) => void): void {
    const { past, isOpen, end, ledger } = this.#parts;
    if (past === undefined || this.#reading.has(connection)) return;
    const { lag } = connection;
    const { epoch } = ledger.position;
    this.#reading.add(connection);
    const answered = (go: () => void): void => {
      this.#reading.delete(connection);
      if (!isOpen(connection)) return;
      // Where the history was replaced meanwhile, the answer no longer applies.
      const applies = connection.lag === lag && ledger.position.epoch === epoch;
      this.#resumed(connection, () => {
        if (applies) go();
      });
    };
    ask(past).then(
      (answer) => answered(() => then(answer)),
      (error: unknown) => {
        console.error(`roomcast: ${this.#parts.kind.name}: the past could not be read`, error);
        answered(() => end(connection, refuse("storage_failed", "What was asked for could not be read.")));
      },
    );
  }

  #sendTail(connection: Connection, { bodies, last }: Tail): boolean {
    const { ledger, filters } = this.#parts;
    const { filter } = connection;
    connection.lag = last < ledger.position.seq ? { needs: "tail", after: last } : undefined;
    if (bodies.length === 0) return true;
    if (filter === undefined) return this.#deliver(connection, bodies.join("\n"), last);
    const text = bodies.map((body) => filters.apply(body, filter)).join("\n");
    // What was read counts, not what is left of it: so that a filter that lets nothing pass reads no more at a time.
    const units = bodies.reduce((sum, body) => sum + body.length, 0);
    return this.#deliver(connection, text, last, units);
  }

  /** About a frame of ops after `after`. */
  #tail(after: number): Tail {
    const { kind, store } = this.#parts;
    const bodies: string[] = [];
    let units = 0;
    let last = after;
    for (const row of store.log.after(after)) {
      const body = migrateBody(kind, row.kindVersion, row.body);
      bodies.push(body);
      units += body.length;
      last = row.last;
      if (units >= FRAME_UNITS) break;
    }
    return { bodies, last };
  }

  #recent(limit: number): readonly Op[] {
    const { kind, store, ledger } = this.#parts;
    const found: Op[] = [];
    let units = 0;
    for (const row of ledger.position.seq === 0 ? [] : store.log.before(ledger.position.seq + 1)) {
      units += row.body.length;
      if (found.length >= limit || (units > RECENT_UNITS && found.length > 0)) break;
      for (const { op } of opsOfRow(kind, row).toReversed()) if (kind.items?.is(op) ?? true) found.push(op);
    }
    return found.slice(0, limit).toReversed();
  }

  #snapshot(
    reset: Snapshot["reset"],
    seq = this.#parts.ledger.position.seq,
    state = this.#parts.ledger.stateText,
  ): string {
    const { kind, ledger } = this.#parts;
    const { epoch } = ledger.position;
    const why = reset === undefined ? "" : `,"reset":"${reset}"`;
    return `{"t":"snapshot","epoch":"${epoch}","seq":${seq},"kv":${kind.version}${why},"state":${state}}`;
  }

  /** Sends, and notes how far the connection has got when its window closes with it. */
  #deliver(connection: Connection, text: string, last: number | undefined, units = text.length): boolean {
    if (!this.#send(connection, text, units)) return false;
    if (!connection.flow.open && connection.lag === undefined) {
      connection.lag = { needs: "tail", after: last ?? this.#parts.ledger.position.seq };
      connection.save();
    }
    return true;
  }

  #send(connection: Connection, text: string, units: number): boolean {
    if (!connection.send(text)) return false;
    const mark = connection.flow.sent(units);
    if (mark !== undefined) {
      connection.send(markMessage(mark));
      connection.save();
    }
    return true;
  }
}

/** Makes what each dialect is told of an event: once for all its connections, and apart from the others'. */
function each<T>(make: () => T): (dialect: string) => T {
  const made = new Map<string, T>();
  return (dialect) => {
    let found = made.get(dialect);
    if (found === undefined) made.set(dialect, (found = make()));
    return found;
  };
}
