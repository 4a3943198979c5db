import { align } from "./align.ts";
import { type Json, type JsonObject, equal, isArray, isObject, own } from "./json.ts";
import { mergeText } from "./merge-text.ts";
import { type Pointer, child } from "./pointer.ts";

/** A field that both sides changed so that not both changes can be kept. */
export interface Conflict {
  /** Where it is in the merged value. */
  readonly path: Pointer;
  readonly base: Json;
  readonly theirs: Json;
}

/**
 * What becomes of `base` when one side made it `mine` and the other `theirs`. Field by field, and within a text stretch
 * by stretch. Where both changed the same text, or the same number, mine stays and a conflict is added to `conflicts`.
 */
export function merge(base: Json, mine: Json, theirs: Json, conflicts: Conflict[] = [], path: Pointer = ""): Json {
  if (equal(mine, base)) return theirs;
  if (equal(theirs, base) || equal(theirs, mine)) return mine;
  if (isObject(base) && isObject(mine) && isObject(theirs)) return mergeObjects(base, mine, theirs, conflicts, path);
  if (isArray(base) && isArray(mine) && isArray(theirs)) return mergeArrays(base, mine, theirs, conflicts, path);
  if (typeof base === "string" && typeof mine === "string" && typeof theirs === "string") {
    const text = mergeText(base, mine, theirs);
    if (text !== undefined) return text;
  }
  conflicts.push({ path, base, theirs });
  return mine;
}

function mergeObjects(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  conflicts: Conflict[],
  path: Pointer,
): Json {
  const myNames = renames(base, mine);
  const oldNames = new Map([...renames(base, theirs)].map(([from, to]) => [to, from]));
  const myOldNames = new Map([...myNames].map(([from, to]) => [to, from]));
  const merged = new Map<string, Json>();
  const used = new Set<string>();
  for (const key of Object.keys(theirs)) {
    const before = oldNames.get(key) ?? key;
    const my = myNames.get(before) ?? before;
    // Under the name that I gave to another field, which keeps its old one then.
    if (!Object.hasOwn(base, before) && myOldNames.has(my)) {
      merged.set(key, own(theirs, key) ?? null);
      continue;
    }
    used.add(my);
    const name = my !== before && !Object.hasOwn(theirs, my) ? my : key;
    const value = mergeField(own(base, before), own(mine, my), own(theirs, key), conflicts, child(path, name));
    if (value !== undefined) merged.set(name, value);
  }
  for (const key of Object.keys(mine)) {
    if (used.has(key)) continue;
    const value = mergeField(
      own(base, myOldNames.get(key) ?? key),
      own(mine, key),
      undefined,
      conflicts,
      child(path, key),
    );
    if (value !== undefined) merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/**
 * Which keys were renamed, by their old names: one went while another came with the same value, or the only one that
 * went and the only one that came are groups or lists both.
 */
export function renames(before: JsonObject, after: JsonObject): ReadonlyMap<string, string> {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const come = gone.length === 0 ? [] : Object.keys(after).filter((key) => !Object.hasOwn(before, key));
  const found = new Map<string, string>();
  for (const from of gone) {
    const value = own(before, from);
    const same = come.filter((to) => equal(own(after, to), value));
    const [only] = same;
    const alone = gone.filter((other) => equal(own(before, other), value)).length === 1;
    if (only !== undefined && same.length === 1 && alone) found.set(from, only);
  }
  const [from, to] = [gone[0], come[0]];
  if (gone.length === 1 && come.length === 1 && from !== undefined && to !== undefined) {
    const [old, next] = [own(before, from), own(after, to)];
    if ((isArray(old) && isArray(next)) || (isObject(old) && isObject(next))) found.set(from, to);
  }
  return found;
}

function mergeField(
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  conflicts: Conflict[],
  path: Pointer,
): Json | undefined {
  if (base !== undefined && mine !== undefined && theirs !== undefined) {
    return merge(base, mine, theirs, conflicts, path);
  }
  if (same(mine, base)) return theirs;
  if (same(theirs, base)) return mine;
  if (mine !== undefined && theirs !== undefined && !equal(mine, theirs)) {
    // Added by both.
    if (isObject(mine) && isObject(theirs)) return mergeObjects({}, mine, theirs, conflicts, path);
    conflicts.push({ path, base: base ?? null, theirs });
  }
  // Removed by one and changed by the other: what exists is not lost.
  return mine ?? theirs;
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b);
}

/** Walks their list, and carries my removals, edits and insertions over to where the same elements now are. */
function mergeArrays(
  base: readonly Json[],
  mine: readonly Json[],
  theirs: readonly Json[],
  conflicts: Conflict[],
  path: Pointer,
): Json {
  const toMine = align(base, mine);
  const fromTheirs = inverse(align(base, theirs));
  const fromMine = inverse(toMine);
  // My insertions, by the base element that they follow (-1: the front).
  const inserted = new Map<number, Json[]>();
  let anchor = -1;
  mine.forEach((value, i) => {
    const origin = fromMine.get(i);
    if (origin === undefined) inserted.set(anchor, [...(inserted.get(anchor) ?? []), value]);
    else anchor = origin;
  });
  const merged: Json[] = [...(inserted.get(-1) ?? [])];
  let reached = -1;
  const passTo = (origin: number) => {
    for (let i = reached + 1; i < origin; i += 1) merged.push(...(inserted.get(i) ?? []));
    reached = Math.max(reached, origin);
  };
  theirs.forEach((value, i) => {
    const origin = fromTheirs.get(i);
    if (origin === undefined) {
      merged.push(value);
      return;
    }
    passTo(origin);
    const place = toMine[origin] ?? -1;
    const old = base[origin] ?? null;
    if (place !== -1) merged.push(merge(old, mine[place] ?? null, value, conflicts, child(path, merged.length)));
    else if (!equal(old, value)) merged.push(value);
    merged.push(...(inserted.get(origin) ?? []));
  });
  passTo(base.length);
  return merged;
}

function inverse(pairs: Int32Array): Map<number, number> {
  const map = new Map<number, number>();
  pairs.forEach((to, from) => {
    if (to !== -1) map.set(to, from);
  });
  return map;
}
