import { child as childOf, formatPointer, parsePointer } from "../../../src/kinds/json/pointer.ts";
import { type Json, isArray, isObject } from "./json.ts";

export { childOf };

/** JSON Pointers (RFC 6901), the way every intent and every presence names a field. The root is "". */
export type Pointer = string;

export function child(parent: Pointer, key: string | number): Pointer {
  return parent + formatPointer([key]);
}

/** The keys on the way to a field. What is no pointer counts as the root: peers may send anything. */
export function segments(pointer: Pointer): string[] {
  return parsePointer(pointer) ?? [];
}

export function parentOf(pointer: Pointer): Pointer {
  return pointer.slice(0, Math.max(0, pointer.lastIndexOf("/")));
}

/** Whether `pointer` is `ancestor` or lies under it. */
export function within(pointer: Pointer, ancestor: Pointer): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

/** An array index as JSON Patch writes it, else undefined. */
export function indexOf(segment: string): number | undefined {
  return /^(0|[1-9][0-9]{0,9})$/.test(segment) ? Number(segment) : undefined;
}

/** The value at a pointer, undefined where there is none. */
export function at(root: Json | undefined, pointer: Pointer): Json | undefined {
  let value = root;
  for (const segment of segments(pointer)) value = childOf(value, segment);
  return value;
}

/** The same with another value at a pointer; unchanged where there is no such place. */
export function withAt(root: Json, pointer: Pointer, value: Json): Json {
  const replaced = (node: Json, [segment, ...rest]: readonly string[]): Json => {
    if (segment === undefined) return value;
    const inner = childOf(node, segment);
    if (inner === undefined) return node;
    const next = replaced(inner, rest);
    if (isArray(node)) return node.with(Number(segment), next);
    // Not by assignment, which means something else for `__proto__`.
    return isObject(node)
      ? Object.fromEntries(Object.entries(node).map(([key, old]) => [key, key === segment ? next : old]))
      : node;
  };
  return replaced(root, segments(pointer));
}

/** A pointer for people: `team › 2 › name`, with array places counted from 1. */
export function label(pointer: Pointer, root?: Json): string {
  const parts: string[] = [];
  let value = root;
  for (const segment of segments(pointer)) {
    const index = isArray(value) ? indexOf(segment) : undefined;
    parts.push(index === undefined ? segment : `#${index + 1}`);
    value = childOf(value, segment);
  }
  return parts.length === 0 ? "the whole document" : parts.join(" › ");
}
