import type { Hello } from "../protocol/client/hello.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { PresenceRecord } from "../protocol/room/presence.ts";

/**
 * How one connection speaks: a pure session between frames and what the room understands. It never
 * touches storage, and its session is small JSON, kept in the socket's attachment, so that it
 * survives hibernation.
 */
export interface Dialect<Session extends Json, State, Op> {
  readonly name: string;
  /** The session of a socket that has just been accepted. */
  readonly start: Session;
  /** A frame over the room's `frameBytes` is refused like any other, and the connection stays; else it ends it. */
  readonly outlivesLongFrames?: true;
  /** A method, so that a room can hold dialects whatever their sessions are. */
  step(session: Session, event: DialectEvent<State, Op>): Step<Session>;
}

/** What happened, seen from one connection. */
export type DialectEvent<State, Op> =
  /**
   * The socket is accepted. `params` is what the route read from the address; `by` this connection's public name;
   * `recent` gives the latest committed ops, at most so many and about 1 Mi units of them, oldest first.
   */
  | ({
      readonly type: "open";
      readonly params: JsonObject;
      readonly by: string;
      readonly recent?: (limit: number) => readonly Op[];
    } & View<State>)
  /** The client sent a frame. */
  | ({ readonly type: "frame"; readonly data: string | ArrayBuffer } & View<State>)
  /** Somebody joined the roster, or left it, whatever their dialect; `self` when it is this connection. */
  | { readonly type: "joined"; readonly member: PresenceRecord; readonly self: boolean }
  | { readonly type: "left"; readonly member: PresenceRecord }
  /** The room committed ops. */
  | { readonly type: "run"; readonly run: Run<State, Op> }
  /** The history was replaced: restored or cleared. */
  | { readonly type: "reset"; readonly state: State; readonly once: Once }
  /** A command of this session's was not carried out, or a frame was beyond what the room reads. */
  | { readonly type: "refused"; readonly refusal: Refusal; readonly m?: number };

/** The room as it stands: what is committed, and who is on the roster, oldest member first. */
export interface View<State> {
  readonly state: State;
  readonly roster: readonly PresenceRecord[];
}

/** Ops that were committed together, each with the states around it. */
export interface Run<State, Op> {
  /** Number of the first op. */
  readonly seq: number;
  readonly changes: readonly Change<State, Op>[];
  readonly once: Once;
}

export interface Change<State, Op> {
  readonly op: Op;
  readonly before: State;
  readonly after: State;
}

/**
 * Frames that are the same for every connection of a dialect are made once per event: `make` runs the first time only.
 * Where there are several versions of them, `version` names the one that is made.
 */
export type Once = (make: () => readonly string[], version?: string) => readonly string[];

export interface Step<Session> {
  readonly session: Session;
  readonly frames: readonly string[];
  readonly commands: readonly Command[];
}

/** What a connection asks of the room, whatever its dialect. */
export type Command =
  | { readonly do: "hello"; readonly hello: Hello }
  /** `m` is absent where the dialect has no mutation numbers; then nothing is de-duplicated. */
  | {
      readonly do: "mutate";
      readonly m?: number;
      readonly again?: string;
      readonly intents: readonly unknown[];
      readonly ifVersion?: string;
    }
  | { readonly do: "presence"; readonly data: JsonObject | null }
  | { readonly do: "ack"; readonly n: number }
  /**
   * End the connection with the refusal's close code; a code without one only refuses. With `code` the session has
   * said what there is to say, and the close code is its own.
   */
  | { readonly do: "close"; readonly refusal: Refusal; readonly code?: number };
