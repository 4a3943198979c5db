import { isObject } from "../kinds/json/object.ts";
import { wellFormedJson } from "../kinds/json/well-formed.ts";
import type { JsonObject } from "../protocol/json.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";

/** A frame of a wire format whose frames are JSON objects. */
export function parseObject(data: string | ArrayBuffer): JsonObject | Refusal {
  if (typeof data !== "string") return refuse("bad_message", "Binary frames are not read here; send JSON text.");
  let frame: unknown;
  try {
    frame = JSON.parse(wellFormedJson(data));
  } catch {
    return refuse("bad_json", "The frame is not JSON.");
  }
  return isObject(frame) ? frame : refuse("bad_message", "Expected a JSON object.");
}
