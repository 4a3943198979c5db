import type { Refusal } from "../protocol/refusal.ts";
import type { Context, Draft, Kind } from "./kind.ts";

/** A state that takes in mutations one after the other, each whole or not at all, and copies no more for it than it must. */
export class Working<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  /** The state before `#ops`. */
  #base: State;
  /** What the draft took in since. The last mutation's are those from `#kept` on. */
  #ops: Op[] = [];
  #kept = 0;
  #draft: Draft<State, Intent, Op>;

  constructor(kind: Kind<State, Intent, Op>, state: State) {
    this.#kind = kind;
    this.#base = state;
    this.#draft = draftOf(kind, state);
  }

  /** The state so far. Not to be asked for while a mutation may still be taken back. */
  get state(): State {
    this.#settle();
    return this.#base;
  }

  /** Begins a mutation: what was folded before it stays. */
  begin(): void {
    // Where nothing is changed in place, going back takes no more than the state.
    if (this.#kind.draft === undefined) this.#settle();
    this.#kept = this.#ops.length;
    this.#draft.begin();
  }

  /** The ops that an intent comes to; each is to be folded next, or none of the mutation. */
  decide(intent: Intent, context: Context): readonly Op[] | Refusal {
    return this.#draft.decide(intent, context);
  }

  fold(op: Op): void {
    if (this.#draft.fold(op)) this.#ops.push(op);
    else this.#rebuild();
  }

  /** Takes back the mutation that was begun last. */
  undo(): void {
    this.#ops.length = this.#kept;
    this.#rebuild();
  }

  #rebuild(): void {
    const ops = this.#ops;
    this.#draft = draftOf(this.#kind, this.#base);
    for (const op of ops.splice(0, this.#kept)) this.#draft.fold(op);
    // Who is refused again and again must not have all of it done again each time.
    this.#base = this.#draft.seal();
    this.#kept = 0;
    for (const op of ops) this.#draft.fold(op);
  }

  #settle(): void {
    if (this.#ops.length === 0) return;
    this.#base = this.#draft.seal();
    this.#ops = [];
    this.#kept = 0;
  }
}

function draftOf<State, Intent, Op>(kind: Kind<State, Intent, Op>, state: State): Draft<State, Intent, Op> {
  return kind.draft?.(state) ?? new Plain(kind, state);
}

/** For a kind whose states share what they do not change. */
class Plain<State, Intent, Op> implements Draft<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  #state: State;

  constructor(kind: Kind<State, Intent, Op>, state: State) {
    this.#kind = kind;
    this.#state = state;
  }

  begin(): void {}

  decide(intent: Intent, context: Context): readonly Op[] | Refusal {
    return this.#kind.decide(this.#state, intent, context);
  }

  fold(op: Op): boolean {
    this.#state = this.#kind.fold(this.#state, op);
    return true;
  }

  seal(): State {
    return this.#state;
  }
}
