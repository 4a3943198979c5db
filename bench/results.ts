import type { RunResult } from "./load/group.ts";

/** What a fan-out cell is: how many sockets, how many of them publish, how many messages are in flight. */
export interface Cell {
  readonly subscribers: number;
  readonly publishers: number;
  readonly inFlight: number;
  /** Milliseconds between a message's return and the next. */
  readonly gap: number;
}

export interface Sample {
  readonly run: number;
  readonly contestant: string;
  readonly cell: Cell;
  /** Absent when the run failed, for `error`. */
  readonly result?: RunResult;
  readonly error?: string;
}

export interface RowsSample {
  readonly contestant: string;
  readonly inFlight: number;
  readonly ops: number;
  /** Everything written, checkpoints and upkeep with it, as the platform bills it. */
  readonly rowsWritten: number;
  /** Of it, rows of the log. */
  readonly logRows: number;
}

export interface MemorySample {
  readonly run: number;
  readonly contestant: string;
  readonly sockets: number;
  readonly bytesPerSocket: number;
}

/** Milliseconds. */
export interface WakeSample {
  /** `restart`: the server was started anew. `hibernation`: the room had slept with its socket open. `warm`: neither. */
  readonly after: "restart" | "hibernation" | "warm";
  readonly what: "first byte of the answer" | "whole snapshot" | "write answered";
  readonly ms: number;
}

/** One look into the history of a chat room; milliseconds, or bytes for memory. */
export interface ChatSample {
  /** Messages in the room. */
  readonly messages: number;
  readonly what: "join: whole snapshot" | "a page of 100, anywhere" | "a page of 100, by date" | "memory";
  readonly value: number;
}

export interface Results {
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly plan: object;
  readonly notes: string[];
  readonly samples: Sample[];
  readonly rows: RowsSample[];
  readonly memory: MemorySample[];
  readonly wake: WakeSample[];
  readonly chat: ChatSample[];
}
