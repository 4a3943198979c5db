import type { Json } from "../../protocol/json.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { Context } from "../kind.ts";
import { compare, noDifference, size, tooDeep, type Difference } from "../json/measure.ts";
import { isContainer } from "../json/object.ts";
import { budget } from "../json/work.ts";
import { apply, tooMuch, type Bounds, type Step } from "./apply.ts";
import type { Meter } from "./draft.ts";
import { independent } from "./independent.ts";
import { DocumentSession, stamp } from "./session.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

/** What an intent wraps around its values: `{patch: [{value}]}`. */
const WRAPPING = 3;

/** Sizes of whole states, carried from each to the next, so that a small change costs a small measurement. */
const sizes = new WeakMap<object, number>();

/** A document as the room has it: what a mutation costs, and what it makes of the document, is weighed. */
export class WeighedSession extends DocumentSession {
  /** The size of the document, once it is known. */
  #bytes: number | undefined;
  /** What the mutation has cost so far, but for the draft's copies. */
  #compared = 0;

  constructor(state: Json) {
    super(state);
    this.#bytes = isContainer(state) ? sizes.get(state) : undefined;
  }

  override begin(): void {
    this.#compared = 0;
    this.draft.work = 0;
  }

  override decide(intent: DocumentIntent, { now, limits }: Context): readonly DocumentOp[] | Refusal {
    const deep = (): Refusal => refuse("too_deep", `Nested deeper than ${limits.depth}.`);
    // An intent is JSON too, and everything after this recurses into it.
    if (tooDeep(intent, limits.depth + WRAPPING)) return deep();
    const step = stamp(intent, now);
    const known = this.#size();
    const most = budget(limits);
    const difference = { ...noDifference(), work: this.#compared };
    const isSpent = (work: number): boolean => work + difference.work > most;
    const bounds: Bounds = { depth: limits.depth, isSpent, size };
    const fault = independent(step)
      ? apply(this.draft, step, bounds, meterOf(difference, limits.depth))
      : this.#compareAround(step, bounds, difference);
    if (fault !== undefined) return fault;

    const { changed, bytes, deep: tooDeepNow, work } = difference;
    this.#compared = work;
    if (tooDeepNow) return deep();
    if (isSpent(this.draft.work)) return tooMuch();
    if (!changed) return [];
    const total = known + bytes;
    // What is over a limit that was lowered may still shrink.
    if (total > limits.stateBytes && bytes > 0) {
      return refuse("too_large", `${total} bytes; the limit is ${limits.stateBytes}.`);
    }
    this.#bytes = total;
    return this.decided(step);
  }

  override seal(): Json {
    const state = super.seal();
    if (isContainer(state) && this.#bytes !== undefined) sizes.set(state, this.#bytes);
    return state;
  }

  protected override take(op: DocumentOp): boolean {
    if (this.#bytes === undefined) return super.take(op);
    const difference = noDifference();
    if (apply(this.draft, op, undefined, meterOf(difference, Infinity)) !== undefined) return false;
    this.#bytes += difference.bytes;
    return true;
  }

  #size(): number {
    const { root } = this.draft;
    this.#bytes ??= size(root);
    if (isContainer(root)) sizes.set(root, this.#bytes);
    return this.#bytes;
  }

  /** For a step whose writes may take each other back: what counts is what is different in the end. */
  #compareAround(step: Step, bounds: Bounds, difference: Difference): Refusal | undefined {
    const before = this.draft.seal();
    const fault = apply(this.draft, step, bounds);
    if (fault !== undefined) return fault;
    compare(difference, before, this.draft.root, bounds.depth);
    if (!difference.changed) this.draft.restore(before);
    return undefined;
  }
}

/** Adds what each write changes to `difference`. */
function meterOf(difference: Difference, depth: number): Meter {
  return {
    change(old, value, way) {
      const before = difference.changed;
      difference.changed = false;
      compare(difference, old, value, depth - way);
      const { changed } = difference;
      difference.changed = before || changed;
      return changed;
    },
    member(key, others, sign) {
      const bytes = (key === undefined ? 0 : size(key) + 1) + (others > 0 ? 1 : 0);
      difference.bytes += sign * bytes;
    },
  };
}
