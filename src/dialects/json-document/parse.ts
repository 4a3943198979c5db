import type { DocumentIntent } from "../../kinds/document/types.ts";
import { inexactMessage, inexactNumber } from "../../kinds/json/exact.ts";
import { isObject, own } from "../../kinds/json/object.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { parseObject } from "../frame.ts";

/**
 * The body `{"op": "set" | "merge", "value": {...}}` of the simple wire format as an intent. Further members are
 * ignored. The value is passed by reference; the room checks what is in it.
 *
 * @param body What `JSON.parse` gave.
 * @returns The intent, or a refusal with code `bad_intent` and the path of the fault.
 */
export function parseSimplePatch(body: unknown): DocumentIntent | Refusal {
  if (!isObject(body)) return refuse("bad_intent", 'Expected {"op": "set" or "merge", "value": {...}}.', { path: "" });
  const op = own(body, "op");
  const value = own(body, "value");
  if (op !== "set" && op !== "merge") return refuse("bad_intent", '"op" must be "set" or "merge".', { path: "/op" });
  if (!isObject(value)) return refuse("bad_intent", '"value" must be an object.', { path: "/value" });
  return { type: op, value };
}

/** A frame of the simple wire format: such a body, bare or as `{"type": "patch", "patch": body}`. */
export function parseSimpleFrame(data: string | ArrayBuffer): DocumentIntent | Refusal {
  const frame = parseObject(data);
  if (frame instanceof Refusal) return frame;
  const inexact = typeof data === "string" ? inexactNumber(data) : undefined;
  if (inexact !== undefined) return refuse("bad_intent", inexactMessage(inexact));
  const type = own(frame, "type");
  if (type === undefined) return parseSimplePatch(frame);
  if (type !== "patch") return refuse("bad_message", 'The only "type" that is read here is "patch".');
  return parseSimplePatch(own(frame, "patch"));
}
