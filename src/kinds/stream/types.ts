/** One event as the log has it. */
export interface StreamEvent {
  /** JSON text of an object, on one line and otherwise exactly as it was published. */
  readonly data: string;
  /** The event's `id` member, where it is a string of 1 to 128 characters: under it the event is taken once. */
  readonly id?: string;
  /** Stands for who caused it: the same for the same visitor of a site on one day (UTC), and tells nothing of them. */
  readonly visitor?: string;
}

/** Counters alone: the retained log is the data. */
export interface StreamState {
  /** Events ever published. */
  readonly count: number;
  /** Length of their `data` together, in UTF-16 units. */
  readonly units: number;
}

/** A client brings `data` alone; the room finds the rest. */
export type StreamIntent = { readonly type: "publish"; readonly events: readonly StreamEvent[] };

/** One op an event, so that an event's position is its op's. */
export type StreamOp = { readonly type: "event"; readonly event: StreamEvent };
