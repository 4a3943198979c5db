import type { Json, JsonObject } from "../../protocol/json.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { isObject } from "../json/object.ts";
import type { Filter, Scalar, Test } from "./conditions.ts";
import { parseJsonFilter } from "./filter-json.ts";
import { parseTextFilter } from "./filter-text.ts";
import { NOTHING_PASSES, STREAM_LIMITS } from "./limits.ts";
import type { StreamEvent } from "./types.ts";

/** Reads a filter in its short form or as JSON; docs/streams.md has both. The refusal says where the fault is. */
export function parseFilter(text: string): Filter | Refusal {
  if (text.length > STREAM_LIMITS.filterUnits) {
    return refuse("bad_request", `A filter may have ${STREAM_LIMITS.filterUnits} characters.`);
  }
  const trimmed = text.trim();
  if (trimmed === NOTHING_PASSES) return "none";
  return trimmed.startsWith("[") || trimmed.startsWith("{") ? parseJsonFilter(trimmed) : parseTextFilter(text);
}

/** Whether an event passes. */
export type Passes = (event: StreamEvent) => boolean;

/** A filter's text as a function. It reads an event's JSON only when it has to, and once however many filters ask. */
export function compileFilter(text: string): Passes | Refusal {
  const filter = parseFilter(text);
  if (filter instanceof Refusal) return filter;
  if (filter === "none") return () => false;
  return (event) => {
    const value = valueOf(event);
    return filter.every(({ field, test }) => holds(test, lookUp(value, field)));
  };
}

const values = new WeakMap<StreamEvent, JsonObject>();

/** An event's value, read once while the event is around. */
export function valueOf(event: StreamEvent): JsonObject {
  let value = values.get(event);
  if (value === undefined) {
    const parsed: unknown = JSON.parse(event.data);
    value = isObject(parsed) ? parsed : {};
    values.set(event, value);
  }
  return value;
}

function lookUp(value: JsonObject, field: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of field) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Whether a filter's text means this number, boolean or null; a number may be written in several ways. */
function says(text: Scalar, found: number | boolean | null): boolean {
  if (typeof found !== "number") return text === String(found);
  return typeof text === "string" && NUMBER.test(text) && Number(text) === found;
}

/** Whether a value or what it holds has a text in it. `text` is in lower case. */
function mentions(found: Json, text: string): boolean {
  if (typeof found === "string") return found.toLowerCase().includes(text);
  if (typeof found !== "object" || found === null) return String(found).includes(text);
  return Object.values(found).some((value) => mentions(value, text));
}

function holds(test: Test, found: Json | undefined): boolean {
  switch (test.is) {
    case "search":
      return found !== undefined && mentions(found, test.text);
    case "exists":
      return (found !== undefined) === test.there;
    case "prefix":
      return typeof found === "string" && test.values.some((prefix) => found.startsWith(prefix));
    case "in": {
      if (found === undefined || (typeof found === "object" && found !== null)) return false;
      if (!test.loose || typeof found === "string") return test.values.includes(found);
      return test.values.some((value) => says(value, found));
    }
  }
}
