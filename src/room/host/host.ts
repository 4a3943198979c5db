/**
 * What a room needs of the place where it runs. A Durable Object is one such place (`durable-object.ts`); memory, with a
 * clock that a test turns, is another (`memory/`). Nothing above this folder knows which.
 */
export interface Host {
  /** The object's id, unique among all objects; and the name that it was made from, where there is one. */
  readonly id: string;
  readonly name: string | undefined;
  readonly sql: Sql;
  readonly alarm: HostAlarm;
  readonly sockets: HostSockets;
  readonly clock: Clock;

  /** Runs `work`: if it throws, none of its statements took effect. Transactions nest. */
  transaction<T>(work: () => T): T;

  /** Resolves once every statement so far is durable. What is sent on a socket meanwhile waits for that by itself. */
  durable(): Promise<void>;
}

/** What SQLite stores and returns. */
export type SqlValue = ArrayBuffer | string | number | null;

export interface Sql {
  /** Runs one statement. Rows are read as they are taken: a cursor must be finished before the next write. */
  exec<Row extends Record<string, SqlValue>>(query: string, ...bindings: unknown[]): SqlCursor<Row>;
}

export interface SqlCursor<Row> extends IterableIterator<Row> {
  toArray(): Row[];
  /** The only row; throws when there is none, or another. */
  one(): Row;
  /** As they are billed, so far. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** The object's one alarm. It outlives the room's memory, and comes at least once. */
export interface HostAlarm {
  /** Milliseconds since 1970; null when none is set. */
  get(): Promise<number | null>;
  /** Replaces the alarm that was set. Stored with the statements around it. */
  set(at: number): void;
}

/** The sockets that are open. They outlive the room's memory. */
export interface HostSockets {
  accept(socket: HostSocket): void;
  /** Those accepted and not closed, in no order. */
  all(): readonly HostSocket[];
  /** When the host last answered a ping for the room, in milliseconds since 1970; 0 for never. */
  pingedAt(socket: HostSocket): number;
}

/** One socket, as the platform gives it: nothing says how much of what was sent has left. */
export interface HostSocket {
  /** Throws when the socket is closing. */
  send(data: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
  /** Up to 16 KiB that outlive the room's memory. Throws when it is more. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

export interface Clock {
  /** Milliseconds since 1970. May be set back. */
  now(): number;
  /** Calls `work` once, `delay` milliseconds from now, unless the returned function is called before. Lost with the room's memory. */
  after(delay: number, work: () => void): () => void;
}
