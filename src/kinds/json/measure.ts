import type { Json } from "../../protocol/json.ts";
import { isArray, isContainer, isObject, own } from "./object.ts";

const encoder = new TextEncoder();

/** Length of a value as JSON text, in UTF-8 bytes. Recursive: bound its depth before. */
export function size(value: Json): number {
  return encoder.encode(JSON.stringify(value)).length;
}

/** Whether a value nests deeper than `depth`: a scalar is 0 deep, `[]` 1, `[[]]` 2. Looks no deeper than that. */
export function tooDeep(value: Json, depth: number): boolean {
  return (
    isContainer(value) &&
    (depth < 1 || (isArray(value) ? value : Object.values(value)).some((item) => tooDeep(item, depth - 1)))
  );
}

/** How one value differs from another, see `compare`. */
export interface Difference {
  changed: boolean;
  /** Bytes by which the text has grown. Without meaning when `deep`. */
  bytes: number;
  /** Whether something that changed nests deeper than allowed. */
  deep: boolean;
}

/**
 * Adds to `into` how `after` differs from `before`, either undefined where there is nothing. Costs as much as
 * what differs, with the containers on the way to it: branches that the two share are not looked into.
 */
export function compare(into: Difference, before: Json | undefined, after: Json | undefined, depth: number): void {
  if (before === after) return;
  if (isArray(before) && isArray(after)) {
    let start = 0;
    let end = before.length;
    let newEnd = after.length;
    while (start < end && start < newEnd && before[start] === after[start]) start += 1;
    while (end > start && newEnd > start && before[end - 1] === after[newEnd - 1]) {
      end -= 1;
      newEnd -= 1;
    }
    for (; start < end || start < newEnd; start += 1) {
      compare(into, start < end ? before[start] : undefined, start < newEnd ? after[start] : undefined, depth - 1);
    }
    into.bytes += commas(after) - commas(before);
  } else if (isObject(before) && isObject(after)) {
    const keys = Object.keys(after);
    const oldKeys = Object.keys(before);
    let kept = 0;
    for (const key of keys) {
      const old = own(before, key);
      if (old === undefined) into.bytes += size(key) + 1;
      else kept += 1;
      compare(into, old, after[key], depth - 1);
    }
    for (const key of kept < oldKeys.length ? oldKeys : []) {
      if (Object.hasOwn(after, key)) continue;
      into.bytes -= size(key) + 1;
      compare(into, before[key], undefined, depth);
    }
    into.bytes += commas(keys) - commas(oldKeys);
  } else {
    into.changed = true;
    if (before !== undefined) into.bytes -= size(before);
    if (after !== undefined) {
      if (tooDeep(after, depth)) into.deep = true;
      else into.bytes += size(after);
    }
  }
}

function commas(members: readonly unknown[]): number {
  return Math.max(0, members.length - 1);
}
