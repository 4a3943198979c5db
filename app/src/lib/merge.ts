import { align } from "./align.ts";
import { type Json, type JsonObject, equal, isArray, isObject, own } from "./json.ts";

/**
 * What becomes of `base` when one side made it `mine` and the other `theirs`. Field by field; where both changed
 * the same field, mine stays, as it would have had it been sent last.
 */
export function merge(base: Json, mine: Json, theirs: Json): Json {
  if (equal(mine, base)) return theirs;
  if (equal(theirs, base)) return mine;
  if (isObject(base) && isObject(mine) && isObject(theirs)) return mergeObjects(base, mine, theirs);
  if (isArray(base) && isArray(mine) && isArray(theirs)) return mergeArrays(base, mine, theirs);
  return mine;
}

function mergeObjects(base: JsonObject, mine: JsonObject, theirs: JsonObject): Json {
  const merged: [string, Json][] = [];
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const value = mergeField(own(base, key), own(mine, key), own(theirs, key));
    if (value !== undefined) merged.push([key, value]);
  }
  return Object.fromEntries(merged);
}

function mergeField(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined {
  if (base !== undefined && mine !== undefined && theirs !== undefined) return merge(base, mine, theirs);
  if (same(mine, base)) return theirs;
  if (same(theirs, base)) return mine;
  // Added by both, or removed by one and changed by the other: what exists is not lost.
  return mine ?? theirs;
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b);
}

/** Walks their list, and carries my removals, edits and insertions over to where the same elements now are. */
function mergeArrays(base: readonly Json[], mine: readonly Json[], theirs: readonly Json[]): Json {
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
    if (place !== -1) merged.push(merge(old, mine[place] ?? null, value));
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
