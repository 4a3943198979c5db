import type { Json } from "../../protocol/json.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { Context, Draft } from "../kind.ts";
import { compare, noDifference, size, tooDeep, type Difference } from "../json/measure.ts";
import { isContainer } from "../json/object.ts";
import { budget } from "../json/work.ts";
import { apply, tooMuch, type Bounds, type Step } from "./apply.ts";
import { DocumentDraft } from "./draft.ts";
import { independent } from "./independent.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/** What an intent wraps around its values: `{patch: [{value}]}`. */
const WRAPPING = 3;

/** Sizes of whole states, carried from each to the next, so that a small change costs a small measurement. */
const sizes = new WeakMap<object, number>();

/** A document that takes in intents or ops, many in a row, on one draft. */
export class DocumentSession implements Draft<Json, DocumentIntent, DocumentOp> {
  readonly #draft: DocumentDraft;
  /** The size of the document, once it is known. */
  #bytes: number | undefined;
  /** What the mutation has cost so far, but for the draft's copies. */
  #compared = 0;
  /** Decided, and in the draft already. */
  #decided: DocumentOp | undefined;

  constructor(state: Json) {
    this.#draft = new DocumentDraft(state);
    this.#bytes = isContainer(state) ? sizes.get(state) : undefined;
  }

  begin(): void {
    this.#compared = 0;
    this.#draft.work = 0;
  }

  decide(intent: DocumentIntent, { now, limits }: Context): readonly DocumentOp[] | Refusal {
    const deep = (): Refusal => refuse("too_deep", `Nested deeper than ${limits.depth}.`);
    // An intent is JSON too, and everything after this recurses into it.
    if (tooDeep(intent, limits.depth + WRAPPING)) return deep();
    const step = stamp(intent, now);
    const known = this.#size();
    const bounds: Bounds = { depth: limits.depth, work: budget(limits) };
    const difference = { ...noDifference(), work: this.#compared };
    const fault = independent(step)
      ? apply(this.#draft, step, bounds, { difference, depth: limits.depth })
      : this.#compareAround(step, bounds, difference);
    if (fault !== undefined) return fault;

    const { changed, bytes, deep: tooDeepNow, work } = difference;
    this.#compared = work;
    if (tooDeepNow) return deep();
    if (work + this.#draft.work > bounds.work) return tooMuch();
    if (!changed) return [];
    const total = known + bytes;
    // What is over a limit that was lowered may still shrink.
    if (total > limits.stateBytes && bytes > 0) {
      return refuse("too_large", `${total} bytes; the limit is ${limits.stateBytes}.`);
    }
    this.#bytes = total;
    this.#decided = withoutTests(step);
    return [this.#decided];
  }

  fold(op: DocumentOp): boolean {
    const decided = this.#decided === op;
    this.#decided = undefined;
    if (decided) return true;
    const difference = noDifference();
    const meter = this.#bytes === undefined ? undefined : { difference, depth: Infinity };
    if (apply(this.#draft, op, undefined, meter) !== undefined) return false;
    if (this.#bytes !== undefined) this.#bytes += difference.bytes;
    return true;
  }

  seal(): Json {
    const state = this.#draft.seal();
    if (isContainer(state) && this.#bytes !== undefined) sizes.set(state, this.#bytes);
    return state;
  }

  #size(): number {
    const { root } = this.#draft;
    this.#bytes ??= size(root);
    if (isContainer(root)) sizes.set(root, this.#bytes);
    return this.#bytes;
  }

  /** For a step whose writes may take each other back: what counts is what is different in the end. */
  #compareAround(step: Step, bounds: Bounds, difference: Difference): Refusal | undefined {
    const before = this.#draft.seal();
    const fault = apply(this.#draft, step, bounds);
    if (fault !== undefined) return fault;
    compare(difference, before, this.#draft.root, bounds.depth);
    if (!difference.changed) this.#draft.restore(before);
    return undefined;
  }
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
