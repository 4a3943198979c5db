import { refuse, type Refusal } from "../../../protocol/refusal.ts";
import type { StreamOp, StreamState } from "../types.ts";
import type { Position } from "../../../protocol/position.ts";
import type {
  Append,
  DataOp,
  DurableConfig,
  DurableIntent,
  DurableState,
  KnownProducer,
  ProducerMark,
  UserMark,
} from "./types.ts";

/** Producers that a stream remembers at least; one that has been silent for so many others may begin anew. */
const MOST_PRODUCERS = 1_000;
/** Marks that are kept apart from the others, so that an append copies so many, and not all. */
const MOST_RECENT = 32;

/** Users whose latest `Stream-Seq` is remembered. */
const MAX_ORDERS = 100;
/**
 * Producers may begin with any epoch up to this one: a counter, or a time in milliseconds or microseconds. Above it an
 * epoch may exceed the last one by `EPOCH_STEP` only, so that no single request can use up a producer's epochs.
 */
const FREE_EPOCHS = 2 ** 52;
const EPOCH_STEP = 2 ** 20;

/** Why a name that is gone is not free. */
export const WHY_GONE = "It was deleted, and others that branched off it are still there.";

/** What becomes of a request to append or to close. */
export type Verdict =
  | { readonly is: "accepted" }
  /** It was taken before; `seq` is the newest of its producer. */
  | { readonly is: "duplicate"; readonly seq: number }
  | { readonly is: "closed" | "mismatch" | "behind" | "epoch_start" }
  | { readonly is: "stale"; readonly epoch: number }
  /** The epoch is far beyond the last one; `max` is the greatest that would be accepted. */
  | { readonly is: "epoch_ahead"; readonly max: number }
  | { readonly is: "gap"; readonly expected: number; readonly received: number };

/** The stream as the protocol sees it; undefined for one that is not there. What was only published to is JSON. */
export function durableOf(state: StreamState): DurableState | undefined {
  if (state.durable !== undefined || state.count === 0) return state.durable;
  return { contentType: "application/json", ops: state.count, tail: state.count, producers: {} };
}

/** Whether an offset is of the stream whose epoch this is: given out by it, or by one that it branched off, up to there. */
export function isOf({ fork }: DurableConfig, epoch: string, offset: Position): boolean {
  const inherited = (history: Position): boolean => history.epoch === offset.epoch && offset.seq <= history.seq;
  return offset.epoch === epoch || (fork?.histories?.some(inherited) ?? false);
}

/** A content type without its parameters, which do not tell streams apart. */
export function mediaType(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

export function isJson({ contentType }: { readonly contentType: string }): boolean {
  return mediaType(contentType) === "application/json";
}

/** Whether an op holds data: an event, or bytes. */
export function isData(op: StreamOp): op is DataOp {
  return op.type === "event" || op.type === "chunk";
}

/** The length of an op's data as it stands in the log. */
export function unitsOf(op: DataOp): number {
  if (op.type === "event") return op.event.data.length;
  return "text" in op ? op.text.length : op.base64.length;
}

/** Judges a request by the state; the order in which faults are found is the protocol's. */
export function judge(stream: DurableState, append: Append): Verdict {
  const { data, contentType, producer, seq, user, close } = append;
  const closeOnly = data.length === 0 && close === true;
  if (stream.closed === true) {
    if (producer === undefined) return closeOnly ? { is: "accepted" } : { is: "closed" };
    if (isSame(stream.closedBy, { ...producer, ...(user === undefined ? {} : { user }) })) {
      return { is: "duplicate", seq: producer.seq };
    }
    const known = knownOf(stream, producerKey(user, producer.id));
    return known !== undefined && producer.epoch < known.epoch ? { is: "stale", epoch: known.epoch } : { is: "closed" };
  }
  if (contentType !== undefined && mediaType(contentType) !== mediaType(stream.contentType)) return { is: "mismatch" };
  const judged: Verdict = producer === undefined ? { is: "accepted" } : judgeProducer(stream, user, producer);
  if (judged.is !== "accepted") return judged;
  const last = user === undefined ? stream.seq : orderOf(stream, user);
  return seq !== undefined && last !== undefined && seq <= last ? { is: "behind" } : judged;
}

function judgeProducer(stream: DurableState, user: string | undefined, { id, epoch, seq }: ProducerMark): Verdict {
  // Marks had no user once: a producer that goes on in the middle goes on from such a mark.
  const known =
    knownOf(stream, producerKey(user, id)) ?? (user !== undefined && seq > 0 ? knownOf(stream, id) : undefined);
  const max = Math.max(FREE_EPOCHS, (known?.epoch ?? 0) + EPOCH_STEP);
  if (epoch > max) return { is: "epoch_ahead", max };
  if (known === undefined) return seq === 0 ? { is: "accepted" } : { is: "gap", expected: 0, received: seq };
  if (epoch < known.epoch) return { is: "stale", epoch: known.epoch };
  if (epoch > known.epoch) return seq === 0 ? { is: "accepted" } : { is: "epoch_start" };
  if (seq <= known.seq) return { is: "duplicate", seq: known.seq };
  return seq === known.seq + 1 ? { is: "accepted" } : { is: "gap", expected: known.seq + 1, received: seq };
}

/**
 * Under which key the mark of a producer is kept: each user has producers of their own, and nobody can fence off
 * another's. No id has a line break, since it comes in a header.
 */
function producerKey(user: string | undefined, id: string): string {
  return user === undefined ? id : `${JSON.stringify(user)}\n${id}`;
}

/** The latest `Stream-Seq` of a user. */
function orderOf({ orders = {} }: DurableState, user: string): string | undefined {
  const key = JSON.stringify(user);
  return Object.hasOwn(orders, key) ? orders[key]?.seq : undefined;
}

function knownOf({ producers, recent = {} }: DurableState, id: string): KnownProducer | undefined {
  if (Object.hasOwn(recent, id)) return recent[id];
  return Object.hasOwn(producers, id) ? producers[id] : undefined;
}

function isSame(a: UserMark | undefined, b: UserMark): boolean {
  return a?.id === b.id && a.user === b.user && a.epoch === b.epoch && a.seq === b.seq;
}

/** Why nothing may be published here, if so: the stream is gone, closed, or holds something else. */
export function refusePublish({ durable, gone }: StreamState): Refusal | undefined {
  if (gone === true) return refuse("conflict", WHY_GONE);
  if (durable === undefined) return undefined;
  if (durable.closed === true) return refuse("conflict", "This stream is closed.");
  return isJson(durable) ? undefined : refuse("conflict", `This stream holds ${durable.contentType}, not JSON events.`);
}

/** What the protocol's requests come to. Whoever wants to tell more of a refusal asks `judge` first. */
export function decideDurable(state: StreamState, intent: DurableIntent): readonly StreamOp[] | Refusal {
  const stream = durableOf(state);
  if (intent.type === "create") {
    const closed = intent.closed === true ? [{ type: "close" as const }] : [];
    return [{ type: "create", config: intent.config }, ...intent.data, ...closed];
  }
  if (stream === undefined) return refuse("not_found", "There is no such stream.");
  const verdict = judge(stream, intent);
  if (verdict.is === "duplicate" || (stream.closed === true && verdict.is === "accepted")) return [];
  return verdict.is === "accepted" ? opsOf(intent) : refuse("conflict", `The stream refuses this: ${verdict.is}.`);
}

/** The ops of a request that was accepted. */
export function opsOf({ data, producer, seq, user, close }: Append): readonly StreamOp[] {
  const marked = producer !== undefined || seq !== undefined;
  const owner = user === undefined ? {} : { user };
  return [
    ...(marked
      ? [
          {
            type: "append" as const,
            ...(producer === undefined ? {} : { producer }),
            ...(seq === undefined ? {} : { seq }),
            ...owner,
          },
        ]
      : []),
    ...data,
    ...(close === true
      ? [{ type: "close" as const, ...(producer === undefined ? {} : { by: { ...producer, ...owner } }) }]
      : []),
  ];
}

/** The durable part of the state after one more op; undefined while the protocol has had no part in the stream. */
export function foldDurable(state: StreamState, op: StreamOp): DurableState | undefined {
  if (op.type === "create")
    return { ...op.config, ops: (state.durable?.ops ?? 0) + 1, tail: state.durable?.tail ?? 0, producers: {} };
  const before = state.durable ?? (op.type === "event" ? undefined : durableOf(state));
  if (before === undefined) return undefined;
  const ops = before.ops + 1;
  switch (op.type) {
    case "event":
    case "chunk":
      return { ...before, ops, tail: ops };
    case "append": {
      const { producer, seq, user } = op;
      const after = { ...before, ops, ...(seq === undefined ? {} : inOrder(before, user, seq, ops)) };
      return producer === undefined ? after : remember(after, user, producer);
    }
    case "close":
      return { ...before, ops, closed: true, ...(op.by === undefined ? {} : { closedBy: op.by }) };
  }
}

/** With the latest `Stream-Seq`: the user's, or the stream's where there is no user. */
function inOrder(
  stream: DurableState,
  user: string | undefined,
  seq: string,
  at: number,
): Pick<DurableState, "seq" | "orders"> {
  if (user === undefined) return { seq };
  const orders = { ...stream.orders, [JSON.stringify(user)]: { seq, at } };
  const entries = Object.entries(orders);
  if (entries.length <= MAX_ORDERS) return { orders };
  return { orders: Object.fromEntries(entries.sort(([, a], [, b]) => b.at - a.at).slice(0, MAX_ORDERS)) };
}

/** With a mark at the newest op. */
function remember(stream: DurableState, user: string | undefined, { id, epoch, seq }: ProducerMark): DurableState {
  const recent = { ...stream.recent, [producerKey(user, id)]: { epoch, seq, at: stream.ops } };
  if (Object.keys(recent).length <= MOST_RECENT) return { ...stream, recent };
  const known = { ...stream.producers, ...recent };
  const kept = Object.keys(known).length <= MOST_PRODUCERS ? known : forgetSilent(known);
  return { ...stream, producers: kept, recent: {} };
}

/**
 * At most `MOST_PRODUCERS`: of the user with the most producers, the one that has been silent for the longest goes
 * first, so that nobody makes the stream forget another user's producers by using many ids.
 */
function forgetSilent(known: Readonly<Record<string, KnownProducer>>): Readonly<Record<string, KnownProducer>> {
  const oldestFirst = Object.entries(known).sort(([, a], [, b]) => a.at - b.at);
  const byUser = Map.groupBy(oldestFirst, ([key]) => key.slice(0, key.indexOf("\n") + 1));
  for (let excess = oldestFirst.length - MOST_PRODUCERS; excess > 0; excess -= 1) {
    let largest: (typeof oldestFirst)[number][] = [];
    for (const entries of byUser.values()) if (entries.length > largest.length) largest = entries;
    largest.shift();
  }
  return Object.fromEntries([...byUser.values()].flat());
}
