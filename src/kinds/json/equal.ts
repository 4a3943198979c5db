import type { Json } from "../../protocol/json.ts";
import { isArray, isContainer, isObject, own } from "./object.ts";

/**
 * Whether two values are the same JSON: the order of keys means nothing, and -0 is 0. Recursive: bound the
 * depth of one of the two before (`tooDeep`).
 */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(b);
  return keys.every((key) => equal(own(a, key), b[key])) && Object.keys(a).length === keys.length;
}

/** `value`, or `old` where that is the same JSON: what did not change keeps its identity. */
export function keep(old: Json | undefined, value: Json): Json {
  return isContainer(old) && equal(old, value) ? old : value;
}
