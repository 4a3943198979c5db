import * as v from "valibot";
import { type Tally, type TallyIntent, tallyKind, type TallyOp } from "../../src/client/fixtures/tally.ts";
import { defineKind } from "../../src/kinds/kind.ts";
import { Refusal } from "../../src/protocol/refusal.ts";

const tag = v.string();

const intents = v.variant("type", [
  v.object({ type: v.literal("append"), tag }),
  v.object({ type: v.literal("add"), by: v.number() }),
  v.object({ type: v.literal("take"), tag }),
  v.object({ type: v.literal("stamp"), tag }),
  v.object({ type: v.literal("nothing") }),
]);

/** A user's own kind. */
export const tally = defineKind({ ...tallyKind, intents });

export interface NewTally {
  readonly n: number;
  readonly tags: readonly { readonly name: string }[];
  readonly ids: readonly string[];
}

export type NewTallyOp =
  | { readonly type: "append"; readonly tag: { readonly name: string }; readonly id?: string }
  | { readonly type: "add"; readonly by: number };

const newOp = (op: TallyOp): NewTallyOp => (op.type === "add" ? op : { ...op, tag: { name: op.tag } });

function newState(old: Tally): NewTally {
  return { ...old, tags: old.tags.map((name) => ({ name })) };
}

/** The same kind after a change of its shape: a tag is an object. */
export const newTally = defineKind<NewTally, TallyIntent, NewTallyOp>({
  name: "tally",
  version: 2,
  initial: () => newState(tallyKind.initial()),
  intents,
  migrate: { 1: { state: (old) => newState(old as Tally), op: (old) => newOp(old as TallyOp) } },
  decide: ({ n }, intent, context) => {
    const decided = tallyKind.decide({ n, tags: [], ids: [] }, intent, context);
    return decided instanceof Refusal ? decided : decided.map(newOp);
  },
  fold: (state, op) => {
    if (op.type === "add") return { ...state, n: state.n + op.by };
    return {
      ...state,
      tags: [...state.tags, op.tag],
      ids: op.id === undefined ? state.ids : [...state.ids, op.id],
    };
  },
});
