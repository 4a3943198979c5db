/** One event as it was published. */
export interface StreamEvent {
  /** JSON text on one line, exactly as published otherwise. */
  readonly data: string;
  /** The event's `type` member, where it is a string: what filters look at first. */
  readonly type?: string;
}

/** Counters alone: the retained log is the data. */
export interface StreamState {
  /** Events ever published. */
  readonly count: number;
  /** Bytes of `data` ever published, in UTF-16 units. */
  readonly units: number;
  /** When the newest was published, milliseconds since 1970; 0 for none. */
  readonly lastAt: number;
}

export type StreamIntent = { readonly type: "publish"; readonly events: readonly StreamEvent[] };

/** One op an event, so that an event's position is its op's. */
export type StreamOp = { readonly type: "event"; readonly event: StreamEvent };
