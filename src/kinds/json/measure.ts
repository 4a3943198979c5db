import type { Json } from "../../protocol/json.ts";
import { isArray, isContainer, isObject, own } from "./object.ts";
import { LOOKED_AT, MEASURED_BYTE, PASSED } from "./work.ts";

/** Made when first used: a page or a test environment without it can still load this module. */
let encoder: TextEncoder | undefined;
const NOT_ASCII = /[^\u0000-\u007f]/;

/** Length of a value as JSON text, in UTF-8 bytes. Recursive: bound its depth before. */
export function size(value: Json): number {
  const text = JSON.stringify(value);
  return NOT_ASCII.test(text) ? (encoder ??= new TextEncoder()).encode(text).length : text.length;
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
  /** What finding out has cost, see `work.ts`. */
  work: number;
}

export function noDifference(): Difference {
  return { changed: false, bytes: 0, deep: false, work: 0 };
}

/**
 * Adds to `into` how `after` differs from `before`, either undefined where there is nothing. Costs as much as
 * what differs, with the containers on the way to it: branches that the two share are not looked into.
 */
export function compare(into: Difference, before: Json | undefined, after: Json | undefined, depth: number): void {
  if (before === after) return;
  into.work += LOOKED_AT;
  if (isArray(before) && isArray(after)) {
    compareArrays(into, before, after, depth - 1);
  } else if (isObject(before) && isObject(after)) {
    const keys = Object.keys(after);
    const oldKeys = Object.keys(before);
    into.work += (keys.length + oldKeys.length) * LOOKED_AT;
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
    if (before !== undefined) into.bytes -= measured(into, before);
    if (after !== undefined) {
      if (tooDeep(after, depth)) into.deep = true;
      else into.bytes += measured(into, after);
    }
  }
}

/** `depth` is that of an element. */
function compareArrays(into: Difference, before: readonly Json[], after: readonly Json[], depth: number): void {
  let start = 0;
  let end = before.length;
  let newEnd = after.length;
  while (start < end && start < newEnd && before[start] === after[start]) start += 1;
  while (end > start && newEnd > start && before[end - 1] === after[newEnd - 1]) {
    end -= 1;
    newEnd -= 1;
  }
  into.work += (before.length + after.length) * PASSED;
  into.bytes += commas(after) - commas(before);
  if (end === newEnd) {
    for (; start < end; start += 1) compare(into, before[start], after[start], depth);
    return;
  }
  // The lengths differ, so that nothing stands where it stood: each side is written as one text.
  into.changed = true;
  const gone = before.slice(start, end);
  const come = after.slice(start, newEnd);
  const held = new Set(gone.filter(isContainer));
  if (come.some((item) => isContainer(item) && !held.has(item) && tooDeep(item, depth))) into.deep = true;
  else into.bytes += elements(into, come) - elements(into, gone);
}

/** The size of a list's elements, without what stands between and around them. */
function elements(into: Difference, list: readonly Json[]): number {
  return list.length === 0 ? 0 : measured(into, list) - 1 - list.length;
}

function measured(into: Difference, value: Json): number {
  const bytes = isContainer(value) || typeof value === "string" ? size(value) : String(value).length;
  into.work += bytes * MEASURED_BYTE;
  return bytes;
}

function commas(members: readonly unknown[]): number {
  return Math.max(0, members.length - 1);
}
