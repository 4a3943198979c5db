import type { Dialect, DialectEvent } from "../dialects/dialect.ts";
import { markMessage } from "../dialects/native/codec.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import type { PresenceRecord } from "../protocol/room/presence.ts";
import type { Connection } from "./connection.ts";
import type { Ledger } from "./ledger.ts";
import type { Committed } from "./mutation.ts";
import { migrateBody } from "./migrate.ts";
import type { Roster } from "./presence.ts";
import { planResume, type ResumePlan } from "./resume.ts";
import type { Store } from "./storage/store.ts";
import type { Position } from "../protocol/position.ts";

export const NATIVE = "native";

/** Rows are joined into catch-up frames of about this many UTF-16 units. */
const FRAME_UNITS = 128 * 1024;

/** Anybody's dialect: its session type is its own affair. */
export type AnyDialect<State, Op> = Dialect<Json, State, Op>;

interface Parts<State, Intent, Op> {
  readonly kind: Kind<State, Intent, Op>;
  readonly ledger: Ledger<State, Intent, Op>;
  readonly store: Store;
  readonly roster: Roster;
  readonly dialects: ReadonlyMap<string, AnyDialect<State, Op>>;
  readonly connections: () => Iterable<Connection>;
}

/** Sends what was committed to everybody, and to each what it still lacks. Frames are made once, not per socket. */
export class Broadcast<State, Intent, Op> {
  readonly #parts: Parts<State, Intent, Op>;

  constructor(parts: Parts<State, Intent, Op>) {
    this.#parts = parts;
  }

  /** A committed run, to every live connection; one that lags gets it with its catch-up. */
  run(run: Committed<State, Op>): void {
    const { total } = this.#parts.ledger;
    for (const connection of this.#parts.connections()) {
      if (connection.dialect !== NATIVE) {
        this.step(connection, { type: "run", run });
      } else if (connection.client !== undefined && connection.lag === undefined) {
        connection.counted = total;
        this.#deliver(connection, run.text, run.last);
      }
    }
  }

  /** What a dialect is told of its socket that was just accepted. */
  opening(params: JsonObject, by: string): DialectEvent<State, Op> {
    const { ledger, roster } = this.#parts;
    return { type: "open", params, by, state: ledger.state, roster: roster.list() };
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
    for (const connection of this.#parts.connections()) {
      if (connection.dialect !== NATIVE)
        this.step(connection, { type: "joined", member, self: connection === newcomer });
    }
  }

  left(member: PresenceRecord): void {
    for (const connection of this.#parts.connections()) {
      if (connection.dialect !== NATIVE) this.step(connection, { type: "left", member });
    }
  }

  roster(text: string): void {
    for (const connection of this.#parts.connections()) {
      if (connection.watching && connection.lag === undefined) this.#deliver(connection, text, undefined);
    }
  }

  /** The history was replaced: everybody starts from the new state. */
  reset(reset: "restored" | "cleared"): void {
    const frames: { made?: readonly string[] } = {};
    const event: DialectEvent<State, Op> = {
      type: "reset",
      state: this.#parts.ledger.state,
      once: (make) => (frames.made ??= make()),
    };
    for (const connection of this.#parts.connections()) {
      if (connection.dialect !== NATIVE) {
        this.step(connection, event);
      } else if (connection.client !== undefined) {
        connection.lag = { needs: "snapshot", reset };
        this.catchUp(connection);
      }
    }
  }

  /** Plans how a client that has everything up to `since` is brought to the room's position. */
  plan(since: Position | undefined): ResumePlan {
    const { ledger, kind } = this.#parts;
    return planResume(since, {
      position: ledger.position,
      oldest: ledger.oldest,
      tailBytes: (seq) => ledger.tailBytes(seq),
      snapshotBytes: ledger.snapshotBytes,
      everyOp: kind.everyOp ?? false,
    });
  }

  /** Sends what a native connection lacks, as far as its window allows; the rest when it answers a mark. */
  catchUp(connection: Connection): void {
    while (connection.lag !== undefined && connection.flow.open) {
      if (!this.#catchUpOnce(connection, connection.lag)) break;
    }
    connection.counted = this.#parts.ledger.total;
    connection.save();
  }

  /** Goes on with a connection that has answered a mark. */
  goOn(connection: Connection): void {
    const lagged = connection.lag !== undefined;
    this.catchUp(connection);
    // It was not told who came and went while it lagged.
    if (lagged && connection.lag === undefined && connection.watching)
      this.answer(connection, this.#parts.roster.full());
  }

  /** Sends what is for this connection alone. */
  answer(connection: Connection, text: string): void {
    this.#deliver(connection, text, undefined);
  }

  /** Hands an event to a connection's dialect and does what it says, except for its commands. */
  step(connection: Connection, event: DialectEvent<State, Op>): ReturnType<AnyDialect<State, Op>["step"]>["commands"] {
    const dialect = this.#parts.dialects.get(connection.dialect);
    if (dialect === undefined) return [];
    const { session, frames, commands } = dialect.step(connection.session, event);
    for (const frame of frames) connection.send(frame);
    if (session !== connection.session) {
      connection.session = session;
      connection.save();
    }
    return commands;
  }

  #catchUpOnce(connection: Connection, lag: NonNullable<Connection["lag"]>): boolean {
    const { ledger } = this.#parts;
    if (lag.needs === "snapshot") {
      connection.lag = undefined;
      return this.#deliver(connection, this.#snapshot(lag.reset), ledger.position.seq);
    }
    const plan = this.plan({ epoch: ledger.position.epoch, seq: lag.after });
    if (plan.resume === "tail") {
      const { text, last } = this.#tail(lag.after);
      connection.lag = last < ledger.position.seq ? { needs: "tail", after: last } : undefined;
      return text === "" || this.#deliver(connection, text, last);
    }
    // Ops that it was owed have been dropped since, or have come to cost more than the state.
    connection.lag = plan.resume === "reset" ? { needs: "snapshot", reset: "behind" } : { needs: "snapshot" };
    return true;
  }

  /** A frame of ops after `seq`, and the number of its last op. */
  #tail(after: number): { readonly text: string; readonly last: number } {
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
    return { text: bodies.join("\n"), last };
  }

  #snapshot(reset: "restored" | "cleared" | "behind" | undefined): string {
    const { kind, ledger } = this.#parts;
    const { epoch, seq } = ledger.position;
    const why = reset === undefined ? "" : `,"reset":"${reset}"`;
    return `{"t":"snapshot","epoch":"${epoch}","seq":${seq},"kv":${kind.version}${why},"state":${ledger.stateText}}`;
  }

  /** Sends, and notes how far the connection has got when its window closes with it. */
  #deliver(connection: Connection, text: string, last: number | undefined): boolean {
    if (!this.#send(connection, text)) return false;
    if (!connection.flow.open && connection.lag === undefined) {
      connection.lag = { needs: "tail", after: last ?? this.#parts.ledger.position.seq };
      connection.save();
    }
    return true;
  }

  #send(connection: Connection, text: string): boolean {
    if (!connection.send(text)) return false;
    const mark = connection.flow.sent(text.length);
    if (mark !== undefined) {
      connection.send(markMessage(mark));
      connection.save();
    }
    return true;
  }
}
