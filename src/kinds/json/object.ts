import type { Json, JsonObject } from "../../protocol/json.ts";

/** A container that its maker alone holds, and so may still change. */
export type Draft = Json[] | Record<string, Json>;

export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

export function isContainer(value: unknown): value is JsonObject | readonly Json[] {
  return typeof value === "object" && value !== null;
}

/** Of what `JSON.parse` gave, or of a value that is known to be JSON. */
export function isObject(value: unknown): value is JsonObject {
  return isContainer(value) && !isArray(value);
}

/** The value of a key that the object itself holds; what it inherits is no data. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own property, whatever the key means to the language. */
export function put(object: Record<string, Json>, key: string, value: Json): void {
  // Assignment would call the setter of `__proto__`, and throws where a shared prototype is frozen.
  if (key in object) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}
