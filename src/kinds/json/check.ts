/** Where a value is not JSON. */
export interface JsonFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Visit {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Visit | undefined;
}

/**
 * The first place where a value is not JSON, undefined when all of it is. Numbers must be finite: `JSON.parse`
 * makes Infinity of `1e999`. Not recursive, so depth does not matter; a value that holds itself never ends.
 */
export function jsonFault(root: unknown): JsonFault | undefined {
  const stack: Visit[] = [{ value: root, key: "", parent: undefined }];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const message = faultOf(visit.value);
    if (message !== undefined) return { path: pathTo(visit), message };
    const { value } = visit;
    // Backwards, so that the first fault is found first.
    if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index -= 1) {
        stack.push({ value: value[index], key: index, parent: visit });
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value).toReversed()) stack.push({ value: item, key, parent: visit });
    }
  }
  return undefined;
}

function faultOf(value: unknown): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Array.isArray(value))
    return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${value} is no JSON number`;
  if (typeof value !== "object") return `${typeof value} is no JSON`;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last link of a chain is Object.prototype, of this realm or of another.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return "Not a plain object";
  return Object.getOwnPropertySymbols(value).length > 0 ? "A symbol as key" : undefined;
}

function pathTo(visit: Visit): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = visit; at.parent !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
