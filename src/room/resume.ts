import type { Position } from "../protocol/position.ts";

/** How what a client has is joined to what the room has. */
export type ResumePlan =
  /** It gets the ops after `seq`; none when it is up to date. */
  | { readonly resume: "tail"; readonly seq: number }
  | { readonly resume: "snapshot" }
  /** What it has must be dropped; a snapshot follows. */
  | { readonly resume: "reset"; readonly reason: "epoch" | "ahead" | "gone" };

export interface Standing {
  readonly position: Position;
  /** The oldest op that can still be read. */
  readonly oldest: number;
  readonly tailBytes: (seq: number) => number;
  readonly snapshotBytes: number;
  /** Whether the kind's clients need each op, not only the state that they fold to. */
  readonly everyOp: boolean;
  /** Whether this client asked for ops from a place, and folds no state. */
  readonly wantsOps?: boolean;
}

/** Whether a position is that of a room which nobody had written to: every history goes on from it. */
export function isUnborn({ epoch, seq }: Position): boolean {
  return epoch === "0" && seq === 0;
}

/** A tail up to this size is sent without asking what a snapshot would cost. */
const SMALL_TAIL = 16 * 1024;

export function planResume(since: Position | undefined, room: Standing): ResumePlan {
  if (since === undefined) return { resume: "snapshot" };
  const { epoch, seq } = room.position;
  // It read before the room's first write, and everything since is there: it begins as one that has nothing.
  if (isUnborn(since) && room.wantsOps === true && room.oldest === 1) return { resume: "snapshot" };
  if (since.epoch !== epoch) return { resume: "reset", reason: "epoch" };
  if (since.seq > seq) return { resume: "reset", reason: "ahead" };
  if (since.seq === seq) return { resume: "tail", seq };
  if (since.seq + 1 < room.oldest) return { resume: "reset", reason: "gone" };
  const bytes = room.tailBytes(since.seq);
  if (room.everyOp || bytes <= SMALL_TAIL || bytes <= room.snapshotBytes) return { resume: "tail", seq: since.seq };
  return { resume: "snapshot" };
}
