import * as v from "valibot";
import { defineKind } from "../../../src/kinds/kind.ts";
import { refuse } from "../../../src/protocol/refusal.ts";

/** A user's own kind, as small as they come: counts up, never past a limit. */
export const counter = defineKind({
  name: "counter",
  version: 1,
  initial: () => ({ count: 0 }),
  intents: v.object({ add: v.pipe(v.number(), v.integer()) }),
  decide: (state: { readonly count: number }, intent: { add: number }) => {
    if (intent.add === 13) throw new Error("thrown on purpose");
    if (state.count + intent.add > 1_000_000) return refuse("conflict", "The counter is full.");
    return intent.add === 0 ? [] : [intent];
  },
  fold: (state, op: { readonly add: number }) => ({ count: state.count + op.add }),
});
