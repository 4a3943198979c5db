import type { JsonObject } from "../../protocol/json.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { defineKind } from "../kind.ts";
import { readEvent, type ReadEvent } from "./events.ts";
import { STREAM_RATES } from "./limits.ts";
import { STREAM_VERSION } from "./limits.ts";
import { decideDurable, foldDurable, isData, refusePublish, unitsOf } from "./durable/state.ts";
import type { StreamEvent, StreamIntent, StreamOp, StreamState } from "./types.ts";

/** Lists of events that were read already, so that deciding need not read them again. */
const read = new WeakSet<readonly StreamEvent[]>();

/** The intent that publishes events which were read already; `visitors` by their place in the list. */
export function publishIntent(events: readonly ReadEvent[], visitors: readonly (string | undefined)[]): StreamIntent {
  const list = events.map(({ event }, at) => {
    const visitor = visitors[at];
    return visitor === undefined ? event : { ...event, visitor };
  });
  read.add(list);
  return { type: "publish", events: list };
}

/** What stands for the visitor whose event it is, where one is known. */
export type NameVisitor = (value: JsonObject) => string | undefined;

/** The ops of an intent; `name` names the visitors of events that a client brought. */
export function decideStream(
  state: StreamState,
  intent: StreamIntent,
  name?: NameVisitor,
): readonly StreamOp[] | Refusal {
  if (intent.type !== "publish") return decideDurable(state, intent);
  const closed = refusePublish(state);
  if (closed !== undefined) return closed;
  const { events } = intent;
  if (read.has(events)) return events.map((event) => ({ type: "event", event }));
  const found: ReadEvent[] = [];
  for (const [index, given] of events.entries()) {
    const event = readEvent(given.data);
    if (event instanceof Refusal) {
      return new Refusal(event.code, event.message, { path: `/events/${index}/data` });
    }
    found.push(event);
  }
  // Nobody is named before all of it may be published.
  return found.map(({ event, value }) => {
    const visitor = name?.(value);
    return { type: "event", event: visitor === undefined ? event : { ...event, visitor } };
  });
}

/** A stream of events: order, a log, and nothing else. Its state counts; the log is what is wanted of it. */
export const streamKind = defineKind<StreamState, StreamIntent, StreamOp>({
  name: "stream",
  version: STREAM_VERSION,
  initial: () => ({ count: 0, units: 0 }),
  decide: (state, intent) => decideStream(state, intent),
  fold: (state, op) => {
    const counted = count(state, op);
    const durable = foldDurable(state, op);
    return durable === undefined ? counted : { ...counted, durable };
  },
  everyOp: true,
  items: { is: isData, count: ({ count: items }) => items },
  once: (op) => (op.type === "event" ? op.event.id : undefined),
  rates: STREAM_RATES,
  retention: { ops: 100_000, bytes: 64 * 1024 * 1024, age: 7 * 24 * 60 * 60 * 1000 },
});

function count({ count: before, units }: StreamState, op: StreamOp): StreamState {
  switch (op.type) {
    case "event":
    case "chunk":
      return { count: before + 1, units: units + unitsOf(op) };
    case "create":
    case "append":
    case "close":
      return { count: before, units };
  }
}
