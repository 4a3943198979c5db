import type { Change, Once } from "../dialects/dialect.ts";
import type { Kind } from "../kinds/kind.ts";

/**
 * Ops with the states around each. Between the first and the last they are made again, in order, when they are asked
 * for: few connections need them, and a room that kept them would hold a copy of what is large for each op.
 */
export function changesOf<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  before: State,
  ops: readonly Op[],
  after: State,
): readonly Change<State, Op>[] {
  const [only] = ops;
  if (only !== undefined && ops.length === 1) return [{ op: only, before, after }];
  const states = new States(kind, before, ops);
  return ops.map((op, index) => new Later(states, op, index));
}

/** The states between ops. */
class States<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  readonly #before: State;
  readonly #ops: readonly Op[];
  #state: State;
  #folded = 0;

  constructor(kind: Kind<State, Intent, Op>, before: State, ops: readonly Op[]) {
    this.#kind = kind;
    this.#before = before;
    this.#ops = ops;
    this.#state = before;
  }

  after(count: number): State {
    if (count < this.#folded) {
      this.#state = this.#before;
      this.#folded = 0;
    }
    for (const op of this.#ops.slice(this.#folded, count)) this.#state = this.#kind.fold(this.#state, op);
    this.#folded = count;
    return this.#state;
  }
}

// A class: getters of an object literal would make it a hidden class of its own, which only a full collection frees.
class Later<State, Intent, Op> implements Change<State, Op> {
  readonly op: Op;
  readonly #states: States<State, Intent, Op>;
  readonly #index: number;

  constructor(states: States<State, Intent, Op>, op: Op, index: number) {
    this.op = op;
    this.#states = states;
    this.#index = index;
  }

  get before(): State {
    return this.#states.after(this.#index);
  }

  get after(): State {
    return this.#states.after(this.#index + 1);
  }
}

export function memo(): Once {
  const made = new Map<string, readonly string[]>();
  return (make, version = "") => {
    let frames = made.get(version);
    if (frames === undefined) made.set(version, (frames = make()));
    return frames;
  };
}
