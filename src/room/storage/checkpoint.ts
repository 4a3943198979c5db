import type { Chunks } from "./chunks.ts";
import type { StoredReceipt } from "../receipts.ts";

/** The folded state at a position, and what a wake must know besides it. */
export interface Checkpoint {
  readonly seq: number;
  /** Milliseconds since 1970 of the op that it ends with. */
  readonly at: number;
  /** The log's running total at `seq`. */
  readonly total: number;
  readonly kindVersion: number;
  /** Receipts of clients that wrote at or before this op may have been forgotten. */
  readonly horizon: number;
  readonly receipts: readonly StoredReceipt[];
  /** The state as JSON text. */
  readonly state: string;
}

const OWNER = "checkpoint";

/** One text: a line of JSON about the state, then the state. JSON text holds no raw line break. */
export function checkpointText({ state, ...about }: Checkpoint): string {
  return `${JSON.stringify(about)}\n${state}`;
}

export function writeCheckpoint(chunks: Chunks, text: string): void {
  chunks.write(OWNER, text);
}

/** The checkpoint and, in UTF-16 units, the size of its text: state and receipts together. */
export function readCheckpoint(chunks: Chunks): (Checkpoint & { readonly units: number }) | undefined {
  const text = chunks.read(OWNER);
  if (text === undefined) return undefined;
  const end = text.indexOf("\n");
  const about = JSON.parse(text.slice(0, end)) as Omit<Checkpoint, "state">;
  return { ...about, state: text.slice(end + 1), units: text.length };
}
