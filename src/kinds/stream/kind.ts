import { defineKind } from "../kind.ts";
import type { StreamIntent, StreamOp, StreamState } from "./types.ts";

export const streamKind = defineKind<StreamState, StreamIntent, StreamOp>({
  name: "stream",
  version: 1,
  initial: () => ({ count: 0, units: 0 }),
  decide: (_state, intent) => intent.events.map((event) => ({ type: "event", event })),
  fold: ({ count, units }, { event }) => ({ count: count + 1, units: units + event.data.length }),
  everyOp: true,
  retention: { ops: 100_000, bytes: 64 * 1024 * 1024, age: 7 * 24 * 60 * 60 * 1000 },
});
