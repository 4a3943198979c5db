import type { ChatKind } from "../../kinds/chat/kind.ts";
import type { ChatIntent, ChatOp, ChatState, Message } from "../../kinds/chat/types.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { MessagesPage, MessagesRange } from "./api.ts";
import type { Ledger } from "../ledger.ts";
import { readAfter, readBefore, type OpPage } from "../read.ts";
import type { Log } from "../storage/log.ts";
import type { Store } from "../storage/store.ts";

const MAX_MESSAGES = 500;

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
  const from = since === undefined ? (after ?? 0) : firstSince(kind, log, { oldest: ledger.oldest, end, since }) - 1;
  const pick = (op: ChatOp): boolean => op.type === "send" && op.message.at >= (since ?? 0);
  const page = readAfter(kind, log, from, { limit, pick });
  return { version, messages: page.ops.flatMap(messageOf).toReversed(), ...next(page, -1) };
}

/**
 * Where reading on comes first to a message that was sent then or later. The times of the log's rows tell where that
 * is about: a row is stored a little after its messages were sent, and many messages of one millisecond have later
 * times than their row. Those of messages rise strictly, so from there on it is found by halving.
 */
function firstSince(kind: ChatKind, log: Log, { oldest, end, since }: Bounds): number {
  const isLater = (n: number): boolean => {
    const message = firstMessage(kind, log, n);
    return message === undefined || message.at >= since;
  };
  const near = log.seqAt(since) ?? end;
  // Everything before `low` is earlier, everything from `high` on is not.
  let [low, high] = isLater(near) ? [oldest, near] : [near + 1, end];
  const back = high === near;
  for (let step = 1; step < high - low; step *= 4) {
    const probe = back ? near - step : near + step;
    const later = isLater(probe);
    if (later) high = probe;
    else low = probe + 1;
    if (later !== back) break;
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isLater(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Bounds {
  readonly oldest: number;
  readonly end: number;
  readonly since: number;
}

/** The first message numbered `from` or higher. */
function firstMessage(kind: ChatKind, log: Log, from: number): Message | undefined {
  for (let after: number | undefined = from - 1; after !== undefined;) {
    const page: OpPage<ChatOp> = readAfter(kind, log, after, { limit: 1, pick: isMessage });
    const [message] = page.ops.flatMap(messageOf);
    if (message !== undefined) return message;
    after = page.next === undefined ? undefined : page.next - 1;
  }
  return undefined;
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
