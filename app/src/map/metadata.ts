import type { Json } from "../../../src/protocol/json.ts";

/** A value of metadata as a field shows it: text as it is, anything else as JSON. */
export function metadataText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a field's text means: text stays text, and where there was something else, or nothing, JSON is read as JSON. */
export function metadataValue(text: string, before: Json | undefined): Json {
  if (typeof before === "string") return text;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  // A new entry of digits is a number only where the number says the same, unlike 007 or a long reference.
  return before === undefined && typeof value === "number" && String(value) !== text.trim() ? text : value;
}
