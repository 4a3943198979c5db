import type { PatchOperation } from "../../../src/kinds/document/types.ts";
import { align } from "./align.ts";
import { type Json, equal, isArray, isObject, own } from "./json.ts";
import { type Pointer, child } from "./pointer.ts";

/** What `diff` makes: never a `test`, a `move` or a `copy`. */
export type Edit = Exclude<PatchOperation, { op: "test" | "move" | "copy" }>;

/**
 * The smallest field-by-field JSON Patch from one value to another. Two people's patches then touch only what each
 * of them changed. Applied in order; array indices already count what earlier edits of the same list did.
 */
export function diff(before: Json, after: Json, path: Pointer = ""): Edit[] {
  const edits: Edit[] = [];
  collect(before, after, path, edits);
  return edits;
}

function collect(before: Json, after: Json, path: Pointer, edits: Edit[]): void {
  if (before === after) return;
  if (isObject(before) && isObject(after)) {
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(after, key)) edits.push({ op: "remove", path: child(path, key) });
    }
    for (const key of Object.keys(after)) {
      const value = own(after, key) ?? null;
      const old = own(before, key);
      if (old === undefined) edits.push({ op: "add", path: child(path, key), value });
      else collect(old, value, child(path, key), edits);
    }
  } else if (isArray(before) && isArray(after)) {
    collectArray(before, after, path, edits);
  } else if (!equal(before, after)) {
    edits.push({ op: "replace", path, value: after });
  }
}

function collectArray(before: readonly Json[], after: readonly Json[], path: Pointer, edits: Edit[]): void {
  const pairs = align(before, after);
  // From the back, so that the indices of what is still to be removed stay true.
  for (let i = before.length - 1; i >= 0; i -= 1) {
    if (pairs[i] === -1) edits.push({ op: "remove", path: child(path, i) });
  }
  const came = new Map<number, number>();
  pairs.forEach((to, from) => {
    if (to !== -1) came.set(to, from);
  });
  after.forEach((value, i) => {
    const from = came.get(i);
    if (from === undefined) edits.push({ op: "add", path: child(path, i), value });
    else collect(before[from] ?? null, value, child(path, i), edits);
  });
}
