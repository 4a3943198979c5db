import type { DataOp, DurableIntent, DurableState, MarkOp, StreamEvent } from "./durable/types.ts";

export type { StreamEvent } from "./durable/types.ts";

/** Counters alone: the retained log is the data. */
export interface StreamState {
  /** Events ever published. */
  readonly count: number;
  /** Length of their `data` together, in UTF-16 units. */
  readonly units: number;
  /** Deleted, while streams that branched off it are still there: nothing is published under its name. */
  readonly gone?: true;
  /** There once the Durable Streams protocol has had a part in it. */
  readonly durable?: DurableState;
}

/** A client brings `data` alone; the room finds the rest. */
export type StreamIntent = { readonly type: "publish"; readonly events: readonly StreamEvent[] } | DurableIntent;

/** One op an event or a chunk of bytes, so that its position is its op's; and the marks of the Durable Streams protocol. */
export type StreamOp = DataOp | MarkOp;
