import type { Admission, Failed, RoomApi } from "../api.ts";
import type { DurableApi } from "../durable/api.ts";

export interface PublishOptions {
  /**
   * Names whoever publishes, and counts its batches: whole numbers from 1, rising. A batch that is sent again under its
   * number is taken once, for as long as the room remembers the producer: a month after its latest batch, while it is among
   * the latest 2,000. One that is not remembered any more begins anew, from 1 and under another name.
   */
  readonly producer?: { readonly id: string; readonly seq: number };
  /** Names this batch alone, as `WriteOptions.idempotencyKey` names a write. Either this or a producer. */
  readonly idempotencyKey?: string;
  /** What tells a site's visitors apart, such as address and browser: hashed with the day's salt, and never stored. */
  readonly visitor?: string;
}

/** An event that was published before: its place in the batch, from 0, and the number that it has. */
export interface Duplicate {
  readonly event: number;
  readonly seq: number;
}

/** What a published batch came to. */
export interface Published {
  readonly ok: true;
  readonly epoch: string;
  /** Events that are new; they have consecutive numbers. 0 where all had been published before. */
  readonly count: number;
  /** The first and last number of the new ones; absent when there are none. */
  readonly first?: number;
  readonly last?: number;
  /** Events that were known by their id. */
  readonly duplicates?: readonly Duplicate[];
  /** The whole batch had been taken under its producer's number. Which positions it got is not remembered. */
  readonly repeated?: true;
}

/** Where to begin reading, as `from` in a query or `hello.from` names it. */
export type StreamFrom =
  | "start"
  | { readonly last: number }
  /** Milliseconds since 1970: from the first event committed then or later. */
  | { readonly at: number }
  /** After this position, `<epoch>.<seq>`. */
  | { readonly after: string };

export interface StreamPageRequest {
  /** The oldest retained event where absent. */
  readonly from?: StreamFrom;
  /** At most this many events, 1 to 1,000; 100 where absent. */
  readonly limit?: number;
  readonly filter?: string;
}

/** What a stream's room offers over RPC besides what every room does. */
export interface StreamApi extends RoomApi, DurableApi {
  /**
   * Publishes events: JSON objects, one a line. All of them or none. Resolves once they are durable.
   *
   * Refused with `bad_json` or `bad_message` (not an object), `too_large` (an event over 64 KiB, more than 1 MiB or
   * 10,000 events), `bad_request` (a producer that is none), `receipt_expired`, `forbidden`, `storage_failed`.
   */
  publish(lines: string, admission: Admission, options?: PublishOptions): Promise<Published | Failed>;
  /**
   * A page of events, oldest first, as JSON text:
   * `{"epoch","oldest","head","events":[{"position","at","visitor"?,"event"}],"next","more"}`. `next` is the position
   * to go on from; with `more` false it is the newest one.
   */
  page(asked: StreamPageRequest): Promise<{ readonly text: string } | Failed>;
}
