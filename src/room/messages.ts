import type { ChatKind } from "../kinds/chat/kind.ts";
import type { ChatIntent, ChatOp, ChatState, Message } from "../kinds/chat/types.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { MessagesPage, MessagesRange } from "./chat-api.ts";
import type { Ledger } from "./ledger.ts";
import { readAfter, readBefore, type OpPage } from "./read.ts";
import type { Log } from "./storage/log.ts";
import type { Store } from "./storage/store.ts";

const MAX_MESSAGES = 500;
/** Messages that are looked at together when a time is searched. */
const STRIDE = 50;

/** A page of a chat's history, from the log in SQLite: none of it is held in memory. */
export function readMessages(
  kind: ChatKind,
  ledger: Ledger<ChatState, ChatIntent, ChatOp>,
  store: Store,
  range: MessagesRange,
): MessagesPage | Refusal {
  const { before, after, since, limit = 100 } = range;
  if ([before, after, since].filter((bound) => bound !== undefined).length > 1) {
    return refuse("bad_request", "Give one of before, after and since.");
  }
  for (const bound of [before, after, since]) {
    if (bound !== undefined && !Number.isSafeInteger(bound)) return refuse("bad_request", "Bounds are whole numbers.");
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_MESSAGES) {
    return refuse("bad_request", `\`limit\` is a number of messages from 1 to ${MAX_MESSAGES}.`);
  }
  const { version } = ledger;
  // Reading must not make a room that is not there.
  if (ledger.position.seq === 0) return { version, messages: [] };
  const { log } = store;
  const end = ledger.position.seq + 1;
  if (after === undefined && since === undefined) {
    const page = readBefore(kind, log, before ?? end, { limit, pick: isMessage });
    return { version, messages: page.ops.flatMap(messageOf), ...next(page, 1) };
  }
  const from = since === undefined ? (after ?? 0) : firstSince(kind, log, end, since) - 1;
  const pick = (op: ChatOp): boolean => op.type === "send" && op.message.at >= (since ?? 0);
  const page = readAfter(kind, log, from, { limit, pick });
  return { version, messages: page.ops.flatMap(messageOf).toReversed(), ...next(page, -1) };
}

/** At or before the number of the first message that was sent then or later; `end` when there is none. */
function firstSince(kind: ChatKind, log: Log, end: number, since: number): number {
  let from = log.seqAt(since) ?? end;
  // Times of messages may run ahead of their rows' where many came in one millisecond: so look before it too.
  for (;;) {
    const page = readBefore(kind, log, from, { limit: STRIDE, pick: isMessage });
    const later = page.ops.filter(({ op }) => op.type === "send" && op.message.at >= since);
    from = later.at(-1)?.seq ?? from;
    if (later.length < page.ops.length || page.next === undefined) return from;
  }
}

function next(page: OpPage<ChatOp>, past: 1 | -1): { readonly next?: number } {
  return page.next === undefined ? {} : { next: page.next + past };
}

function isMessage(op: ChatOp): boolean {
  return op.type === "send";
}

function messageOf({ op }: { readonly op: ChatOp }): readonly Message[] {
  return op.type === "send" ? [op.message] : [];
}
