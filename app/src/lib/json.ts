import { isArray, isContainer, isObject } from "../../../src/kinds/json/object.ts";
import type { Json, JsonObject } from "../../../src/protocol/json.ts";

export { equal } from "../../../src/kinds/json/equal.ts";
export { isArray, isContainer, isObject, own } from "../../../src/kinds/json/object.ts";
export type { Json, JsonObject };

/** The six shapes of JSON, as the page names them. */
export type JsonType = "string" | "number" | "boolean" | "null" | "object" | "array";

export const JSON_TYPES: readonly JsonType[] = ["string", "number", "boolean", "null", "object", "array"];

export function typeOf(value: Json): JsonType {
  if (value === null) return "null";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return isArray(value) ? "array" : "object";
}

/** How many fields a value holds, itself not counted; stops counting at `most`. */
export function countFields(value: Json, most = Number.POSITIVE_INFINITY): number {
  if (!isContainer(value)) return 0;
  let count = 0;
  for (const child of Object.values(value)) {
    count += 1 + countFields(child, most - count);
    if (count >= most) return most;
  }
  return count;
}

/** The closest value of another type: "42" becomes 42, 0 becomes false, a group becomes a list of its values. */
export function convert(value: Json, to: JsonType): Json {
  switch (to) {
    case "string":
      return isContainer(value) ? JSON.stringify(value) : value === null ? "" : String(value);
    case "number": {
      const number =
        typeof value === "boolean" || typeof value === "number"
          ? Number(value)
          : Number.parseFloat(typeof value === "string" ? value : "");
      return Number.isFinite(number) ? number : 0;
    }
    case "boolean":
      return typeof value === "string" ? ["true", "yes", "1"].includes(value.trim().toLowerCase()) : Boolean(value);
    case "null":
      return null;
    case "array":
      return isObject(value) ? Object.values(value) : value === null || value === "" ? [] : [value];
    case "object":
      return isArray(value) ? Object.fromEntries(value.map((item, i) => [String(i + 1), item])) : {};
  }
}

/** What a new field of a type starts as. */
export function blank(type: JsonType): Json {
  return convert(null, type);
}
