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
  let state = before;
  let folded = 0;
  const stateAt = (count: number): State => {
    if (count < folded) {
      state = before;
      folded = 0;
    }
    for (const op of ops.slice(folded, count)) state = kind.fold(state, op);
    folded = count;
    return state;
  };
  return ops.map((op, index) => ({
    op,
    get before() {
      return stateAt(index);
    },
    get after() {
      return stateAt(index + 1);
    },
  }));
}

export function memo(): Once {
  const made = new Map<string, readonly string[]>();
  return (make, version = "") => {
    let frames = made.get(version);
    if (frames === undefined) made.set(version, (frames = make()));
    return frames;
  };
}
