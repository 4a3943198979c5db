import { useState } from "react";
import { align } from "../lib/align.ts";
import type { Json } from "../lib/json.ts";

interface Keyed {
  readonly items: readonly Json[];
  readonly keys: readonly number[];
  /** The next key that none has had. */
  readonly next: number;
}

/**
 * A key for each element of a list that stays with the element when others come and go before it: so does the focus,
 * and what somebody is just typing there.
 */
export function useItemKeys(items: readonly Json[]): readonly number[] {
  const [state, setState] = useState<Keyed>(() => ({ items, keys: items.map((_, i) => i), next: items.length }));
  if (state.items === items) return state.keys;
  const moved = moveKeys(state.items, state.keys, items, state.next);
  setState({ items, ...moved });
  return moved.keys;
}

export function moveKeys(
  before: readonly Json[],
  keys: readonly number[],
  after: readonly Json[],
  next: number,
): { readonly keys: readonly number[]; readonly next: number } {
  const moved: (number | undefined)[] = Array.from({ length: after.length });
  align(before, after).forEach((to, from) => {
    if (to !== -1) moved[to] = keys[from];
  });
  let fresh = next;
  return {
    keys: moved.map((key) => {
      if (key !== undefined) return key;
      fresh += 1;
      return fresh - 1;
    }),
    next: fresh,
  };
}
