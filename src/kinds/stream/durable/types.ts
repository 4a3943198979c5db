import type { Position } from "../../../protocol/position.ts";

/** One event as the log has it. */
export interface StreamEvent {
  /** JSON text, on one line and otherwise exactly as it was published: of an object, unless it came by the Durable Streams protocol. */
  readonly data: string;
  /** The event's `id` member, where it is a string of 1 to 128 characters: under it the event is taken once. */
  readonly id?: string;
  /** Stands for who caused it: the same for the same visitor of a site on one day (UTC), and tells nothing of them. */
  readonly visitor?: string;
}

/** What a stream was made with, in the words of the Durable Streams protocol. Changes never. */
export interface DurableConfig {
  /** As it was given, parameters included. */
  readonly contentType: string;
  /** Seconds without a read or a write after which the stream goes. */
  readonly ttl?: number;
  /** When the stream goes, as it was given: RFC 3339. */
  readonly expiresAt?: string;
  readonly fork?: ForkPoint;
}

/** Where a stream branched off another. */
export interface ForkPoint {
  /** The other's id. */
  readonly from: string;
  /** Everything up to this op came from there. */
  readonly seq: number;
  /** And so many bytes, or JSON values, of the message after it. */
  readonly sub: number;
  /** The histories that it goes on from, and up to which op of each: the other's own, and those that one had from others. */
  readonly histories?: readonly Position[];
}

/** A stream that was made, written to or closed by the Durable Streams protocol. */
export interface DurableState extends DurableConfig {
  /** Ops so far: the number of the newest. */
  readonly ops: number;
  /** The number of the newest op that holds data: the stream's tail. */
  readonly tail: number;
  readonly closed?: true;
  /** The producer that closed it, so that its retry is known. */
  readonly closedBy?: UserMark;
  /** The newest `Stream-Seq` of those who are not signed in. */
  readonly seq?: string;
  /** The newest `Stream-Seq` of each user, by the id as JSON, and the number of its op. */
  readonly orders?: Readonly<Record<string, { readonly seq: string; readonly at: number }>>;
  /** By the producer's id; that of a signed-in user by the user's id as JSON, a line feed, and the producer's id. */
  readonly producers: Readonly<Record<string, KnownProducer>>;
  /** The newest of them, which go before `producers`: apart, because the state is copied with each append. */
  readonly recent?: Readonly<Record<string, KnownProducer>>;
}

/** The newest mark of a producer, and the number of its op. */
export interface KnownProducer {
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

/** One request of an idempotent producer. Both numbers count from 0. */
export interface ProducerMark {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
}

/** A mark with the id of the user whose producer it is, if there is one. */
export interface UserMark extends ProducerMark {
  readonly user?: string;
}

/** Data: a JSON value, or bytes, as text where they are UTF-8. One request's are one message, which is one entry of the log. */
export type DataOp =
  | { readonly type: "event"; readonly event: StreamEvent }
  | { readonly type: "chunk"; readonly text: string }
  | { readonly type: "chunk"; readonly base64: string };

export interface Append {
  readonly type: "append";
  /** None closes only. */
  readonly data: readonly DataOp[];
  /** Media type of the data. */
  readonly contentType?: string;
  readonly producer?: ProducerMark;
  /** Opaque, compared by code unit; must rise. */
  readonly seq?: string;
  /** The id of the signed-in user who appends: producers and sequences are that user's own. */
  readonly user?: string;
  readonly close?: true;
}

export type DurableIntent =
  | {
      readonly type: "create";
      readonly config: DurableConfig;
      readonly data: readonly DataOp[];
      readonly closed?: true;
    }
  | Append;

/** What stands in the log besides data. */
export type MarkOp =
  | { readonly type: "create"; readonly config: DurableConfig }
  /** Before the data of a request that had a producer or a sequence. */
  | { readonly type: "append"; readonly producer?: ProducerMark; readonly seq?: string; readonly user?: string }
  | { readonly type: "close"; readonly by?: UserMark };
