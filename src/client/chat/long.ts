import type { Kind } from "../../kinds/kind.ts";
import type { ChatIntent, ChatOp, ChatState, Message } from "../../kinds/chat/types.ts";

export type ChatKind = Kind<ChatState, ChatIntent, ChatOp>;

/** Messages before number `before` and from number `from` on, as they read at a version. */
export interface Stretch {
  readonly from: number;
  readonly before: number;
  /** Oldest first. */
  readonly messages: readonly Message[];
}

/**
 * The same kind, but its state keeps every message that it has met: a client that stays, or has read back, goes on
 * showing them, with what is done to them since.
 */
export function keepingAll(kind: ChatKind): ChatKind {
  return {
    ...kind,
    fold: (state, op) => {
      const after = kind.fold(state, op);
      const lost = op.type === "send" ? state.recent.length + 1 - after.recent.length : 0;
      return lost > 0 ? { ...after, recent: [...state.recent.slice(0, lost), ...after.recent] } : after;
    },
  };
}

/** A snapshot of the room, and before it what was held of the time before. */
export function joinSnapshot(before: ChatState, snapshot: ChatState): ChatState {
  const [first] = snapshot.recent;
  if (first === undefined) return snapshot;
  const held = before.recent.filter(({ n }) => n < first.n);
  return held.length === 0 ? snapshot : { ...snapshot, recent: [...held, ...snapshot.recent] };
}

/** Puts a stretch in the place of what is held of it. */
export function putStretch(state: ChatState, { from, before, messages }: Stretch): ChatState {
  const older = state.recent.filter(({ n }) => n < from);
  const newer = state.recent.filter(({ n }) => n >= before);
  return { ...state, recent: [...older, ...messages, ...newer] };
}

/** Forgets what is before number `from`. */
export function dropBefore(state: ChatState, from: number): ChatState {
  return { ...state, recent: state.recent.filter(({ n }) => n >= from) };
}

/** Brings messages up to date with ops that came after they were read. */
export function bringUp(kind: ChatKind, messages: readonly Message[], ops: readonly ChatOp[]): readonly Message[] {
  if (messages.length === 0 || ops.length === 0) return messages;
  const state: ChatState = { ...kind.initial(), recent: messages };
  return ops.reduce((now, op) => (op.type === "send" ? now : kind.fold(now, op)), state).recent;
}
