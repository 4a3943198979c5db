import type { Json } from "../../protocol/json.ts";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import type { Context, Kind } from "../kind.ts";
import { compare, size, tooDeep, type Difference } from "../json/measure.ts";
import { isContainer } from "../json/object.ts";
import { apply, type Step } from "./apply.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/** What an intent wraps around its values: `{patch: [{value}]}`. */
const WRAPPING = 3;

/** Sizes of whole states, carried from each to the next, so that a small change costs a small measurement. */
const sizes = new WeakMap<object, number>();

/** The latest decision: the room folds right after it decided, and need not do the same work again. */
let latest: { readonly state: Json; readonly op: DocumentOp; readonly after: Json } | undefined;

function difference(before: Json, after: Json, depth: number): Difference {
  const result: Difference = { changed: false, bytes: 0, deep: false };
  compare(result, before, after, depth);
  return result;
}

/** Keeps the size of a state, and gives it back. A scalar is quickly measured again. */
function remember(state: Json, bytes: number): number {
  if (isContainer(state)) sizes.set(state, bytes);
  return bytes;
}

function recall(state: Json): number | undefined {
  return isContainer(state) ? sizes.get(state) : undefined;
}

function decide(state: Json, intent: DocumentIntent, { now, limits }: Context): readonly DocumentOp[] | Refusal {
  const deep = (): Refusal => refuse("too_deep", `Nested deeper than ${limits.depth}.`);
  // An intent is JSON too, and everything after this recurses into it.
  if (tooDeep(intent, limits.depth + WRAPPING)) return deep();
  const step = stamp(intent, now);
  const after = apply(state, step, limits);
  if (after instanceof Refusal) return after;

  const { changed, bytes, deep: tooDeepNow } = difference(state, after, limits.depth);
  if (tooDeepNow) return deep();
  if (!changed) return [];
  const total = (recall(state) ?? remember(state, size(state))) + bytes;
  // What is over a limit that was lowered may still shrink.
  if (total > limits.stateBytes && bytes > 0) {
    return refuse("too_large", `${total} bytes; the limit is ${limits.stateBytes}.`);
  }
  remember(after, total);
  const op = withoutTests(step);
  latest = { state, op, after };
  return [op];
}

function stamp(intent: DocumentIntent, now: number): Step {
  if (intent.type !== "update") return intent;
  return {
    type: "update",
    fields: intent.fields.map((field) =>
      field.op === "serverTime" ? { op: "put", path: field.path, value: now } : field,
    ),
  };
}

function withoutTests(step: Step): DocumentOp {
  if (step.type !== "jsonPatch") return step;
  return { type: "jsonPatch", patch: step.patch.filter((operation) => operation.op !== "test") };
}

function fold(state: Json, op: DocumentOp): Json {
  if (latest?.state === state && latest.op === op) return latest.after;
  const after = apply(state, op);
  // Not for an op that was logged; but a room that cannot wake is worse than one that skips.
  if (after instanceof Refusal) return state;
  const known = recall(state);
  if (known !== undefined) remember(after, known + difference(state, after, Infinity).bytes);
  return after;
}

/**
 * A live document: one JSON value, `{}` at first. Intents are checked in the room against `documentIntents`,
 * which stands apart so that clients need not download it.
 *
 * Refusals: `conflict` with the path of the operation that does not fit the state, `too_deep`, `too_large`.
 */
export const documentKind: Kind<Json, DocumentIntent, DocumentOp> = {
  name: "document",
  version: 1,
  initial: () => ({}),
  decide,
  fold,
};
