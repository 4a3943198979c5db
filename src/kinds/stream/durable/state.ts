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
} from "./types.ts";

/** Producers that a stream remembers at least; one that has been silent for so many others may begin anew. */
const MOST_PRODUCERS = 1_000;
/** Marks that are kept apart from the others, so that an append copies so many, and not all. */
const MOST_RECENT = 32;

/** Why a name that is gone is not free. */
export const WHY_GONE = "It was deleted, and others that branched off it are still there.";

/** What becomes of a request to append or to close. */
export type Verdict =
  | { readonly is: "accepted" }
  /** It was taken before; `seq` is the newest of its producer. */
  | { readonly is: "duplicate"; readonly seq: number }
  | { readonly is: "closed" | "mismatch" | "behind" | "epoch_start" }
  | { readonly is: "stale"; readonly epoch: number }
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
export function judge(stream: DurableState, { data, contentType, producer, seq, close }: Append): Verdict {
  const closeOnly = data.length === 0 && close === true;
  if (stream.closed === true) {
    if (producer === undefined) return closeOnly ? { is: "accepted" } : { is: "closed" };
    if (isSame(stream.closedBy, producer)) return { is: "duplicate", seq: producer.seq };
    const known = knownOf(stream, producer.id);
    return known !== undefined && producer.epoch < known.epoch ? { is: "stale", epoch: known.epoch } : { is: "closed" };
  }
  if (contentType !== undefined && mediaType(contentType) !== mediaType(stream.contentType)) return { is: "mismatch" };
  const judged: Verdict = producer === undefined ? { is: "accepted" } : judgeProducer(stream, producer);
  if (judged.is !== "accepted") return judged;
  return seq !== undefined && stream.seq !== undefined && seq <= stream.seq ? { is: "behind" } : judged;
}

function judgeProducer(stream: DurableState, { id, epoch, seq }: ProducerMark): Verdict {
  const known = knownOf(stream, id);
  if (known === undefined) return seq === 0 ? { is: "accepted" } : { is: "gap", expected: 0, received: seq };
  if (epoch < known.epoch) return { is: "stale", epoch: known.epoch };
  if (epoch > known.epoch) return seq === 0 ? { is: "accepted" } : { is: "epoch_start" };
  if (seq <= known.seq) return { is: "duplicate", seq: known.seq };
  return seq === known.seq + 1 ? { is: "accepted" } : { is: "gap", expected: known.seq + 1, received: seq };
}

function knownOf({ producers, recent = {} }: DurableState, id: string): KnownProducer | undefined {
  if (Object.hasOwn(recent, id)) return recent[id];
  return Object.hasOwn(producers, id) ? producers[id] : undefined;
}

function isSame(a: ProducerMark | undefined, b: ProducerMark): boolean {
  return a?.id === b.id && a.epoch === b.epoch && a.seq === b.seq;
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
export function opsOf({ data, producer, seq, close }: Append): readonly StreamOp[] {
  const marked = producer !== undefined || seq !== undefined;
  return [
    ...(marked
      ? [
          {
            type: "append" as const,
            ...(producer === undefined ? {} : { producer }),
            ...(seq === undefined ? {} : { seq }),
          },
        ]
      : []),
    ...data,
    ...(close === true ? [{ type: "close" as const, ...(producer === undefined ? {} : { by: producer }) }] : []),
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
      const { producer, seq } = op;
      const after = { ...before, ops, ...(seq === undefined ? {} : { seq }) };
      return producer === undefined ? after : remember(after, producer);
    }
    case "close":
      return { ...before, ops, closed: true, ...(op.by === undefined ? {} : { closedBy: op.by }) };
  }
}

/** With a mark at the newest op. Those who have been silent for the longest are forgotten first. */
function remember(stream: DurableState, { id, epoch, seq }: ProducerMark): DurableState {
  const recent = { ...stream.recent, [id]: { epoch, seq, at: stream.ops } };
  if (Object.keys(recent).length <= MOST_RECENT) return { ...stream, recent };
  const known = { ...stream.producers, ...recent };
  const entries = Object.entries(known);
  if (entries.length <= MOST_PRODUCERS) return { ...stream, producers: known, recent: {} };
  const kept = entries.sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_PRODUCERS);
  return { ...stream, producers: Object.fromEntries(kept), recent: {} };
}
