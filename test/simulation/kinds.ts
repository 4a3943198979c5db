import * as v from "valibot";
import { defineKind } from "../../src/kinds/kind.ts";
import { refuse } from "../../src/protocol/refusal.ts";

export interface Tally {
  readonly n: number;
  readonly tags: readonly string[];
  readonly ids: readonly string[];
}

export type TallyIntent =
  | { readonly type: "append"; readonly tag: string }
  | { readonly type: "add"; readonly by: number }
  | { readonly type: "take"; readonly tag: string }
  | { readonly type: "stamp"; readonly tag: string }
  | { readonly type: "nothing" };

export type TallyOp =
  | { readonly type: "append"; readonly tag: string; readonly id?: string }
  | { readonly type: "add"; readonly by: number };

const tag = v.string();

/** A user's own kind with everything that a replica must cope with: refusals, several ops, no ops, ids. */
export const tally = defineKind<Tally, TallyIntent, TallyOp>({
  name: "tally",
  version: 1,
  initial: () => ({ n: 0, tags: [], ids: [] }),
  intents: v.variant("type", [
    v.object({ type: v.literal("append"), tag }),
    v.object({ type: v.literal("add"), by: v.number() }),
    v.object({ type: v.literal("take"), tag }),
    v.object({ type: v.literal("stamp"), tag }),
    v.object({ type: v.literal("nothing") }),
  ]),
  decide: (state, intent, { id }) => {
    switch (intent.type) {
      case "append":
        return [{ type: "append", tag: intent.tag }];
      case "add":
        return [{ type: "add", by: intent.by }];
      case "take":
        if (state.n < 1) return refuse("conflict", "Nothing left.", { path: "/n" });
        return [
          { type: "add", by: -1 },
          { type: "append", tag: intent.tag },
        ];
      case "stamp":
        return [{ type: "append", tag: intent.tag, id: id() }];
      case "nothing":
        return [];
    }
  },
  fold: (state, op) => {
    if (op.type === "add") return { ...state, n: state.n + op.by };
    const { tag: added, id } = op;
    return { ...state, tags: [...state.tags, added], ids: id === undefined ? state.ids : [...state.ids, id] };
  },
});
