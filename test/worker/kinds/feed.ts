import * as v from "valibot";
import { defineKind } from "../../../src/kinds/kind.ts";

/** A stream: the state is a count, and every op matters to those who missed it. */
export const feed = defineKind({
  name: "feed",
  version: 1,
  initial: () => ({ count: 0 }),
  intents: v.object({ text: v.string() }),
  decide: (_: { readonly count: number }, intent: { text: string }) => [intent],
  fold: (state) => ({ count: state.count + 1 }),
  everyOp: true,
});
