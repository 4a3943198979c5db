/** What a room takes before it refuses, and what it keeps. Sizes are UTF-8 bytes, times are milliseconds. */
export interface Limits {
  /** One mutation: all its intents together, serialized. */
  readonly intentBytes: number;
  /** One frame from a client. */
  readonly frameBytes: number;
  /** Nesting of any value in an intent and of the state: `[]` is 1 deep, `[[]]` 2. */
  readonly depth: number;
  /** Intents in one mutation. */
  readonly intents: number;
  /** The state, serialized. */
  readonly stateBytes: number;
  /** Presence data of one connection, serialized. */
  readonly presenceBytes: number;
  /** Connections to one room. The platform's own limit is 32,768. */
  readonly connections: number;
  /** Connections to one room from one network address in a wire format without flow control: all but the native one. */
  readonly simpleConnections: number;
  /** Named versions of one room. */
  readonly versions: number;
  /** What one connection may make the room do at once; a fifth of it more each second. In units of docs/limits.md. */
  readonly work: number;
}

export const DEFAULT_LIMITS: Limits = {
  intentBytes: 128 * 1024,
  frameBytes: 256 * 1024,
  depth: 64,
  intents: 100,
  stateBytes: 1024 * 1024,
  presenceBytes: 2 * 1024,
  connections: 20_000,
  simpleConnections: 256,
  versions: 200,
  work: 250_000,
};

/** How much of the log stays: what is within all three bounds. A room drops whole rows from the front, oldest first. */
export interface Retention {
  /** Ops kept, as far as bytes and age allow. Up to a quarter more may stay until the room drops them together. */
  readonly ops: number;
  /** Bytes of log kept at most. */
  readonly bytes: number;
  /** Age in milliseconds after which an op goes. */
  readonly age: number;
}

export const DEFAULT_RETENTION: Retention = {
  ops: 10_000,
  // 16 MiB and 30 days, multiplied: bundlers keep an unused constant that is an expression.
  bytes: 16_777_216,
  age: 2_592_000_000,
};
