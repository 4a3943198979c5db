import { formatPointer } from "../kinds/json/pointer.ts";
import { RoomcastError } from "./errors.ts";

/**
 * The JSON text of `value`. Throws a RoomcastError with the path where JSON would lose or change a part of it: `NaN`,
 * `undefined`, a Date, an object that contains itself. Only -0 passes, and becomes 0.
 */
export function jsonText(value: unknown, place?: { readonly intent: number }): string {
  const paths = new Map<unknown, string>();
  let path = "";
  try {
    return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key) {
      // Not the replacer's own argument, which is what `toJSON` returned.
      const part = this[key];
      path = paths.has(this) ? paths.get(this) + formatPointer([key]) : "";
      paths.set(part, path);
      if (isJson(part)) return part;
      throw new Error(typeof part === "number" ? `${part}` : (part?.constructor.name ?? "undefined"));
    });
  } catch (error) {
    // Or the engine's own error, about a cycle or nesting without end.
    const [found] = (error as Error).message.split("\n");
    const message = `Not JSON${path && ` at ${path}`}: ${found}. Send plain JSON values.`;
    throw new RoomcastError("bad_intent", message, { ...place, path });
  }
}

function isJson(part: unknown): boolean {
  if (typeof part !== "object") return typeof part === "string" || typeof part === "boolean" || Number.isFinite(part);
  if (part === null || Array.isArray(part)) return true;
  const prototype: unknown = Object.getPrototypeOf(part);
  // The last link of a chain is Object.prototype, of this realm or of another.
  return (prototype === null || Object.getPrototypeOf(prototype) === null) && !Object.getOwnPropertySymbols(part)[0];
}

/** The size of JSON text in UTF-8. Not by TextEncoder, which some test environments lack. */
export function byteLength(text: string): number {
  return encodeURIComponent(text).replace(/%../g, "x").length;
}
