import { isObject } from "../json/object.ts";
import type { LineFault } from "../../protocol/refusal.ts";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { tooDeep } from "../json/measure.ts";
import { wellFormedJson } from "../json/well-formed.ts";
import { STREAM_LIMITS } from "./limits.ts";
import { onOneLine } from "./split.ts";
import type { StreamEvent } from "./types.ts";

/** A refusal names so many lines. */
const FAULTS = 20;

const encoder = new TextEncoder();

/** An event that was read, and its value for those who look inside. */
export interface ReadEvent {
  readonly event: StreamEvent;
  readonly value: JsonObject;
}

/** One event from its JSON text, which is kept as it is but for lone surrogates. */
export function readEvent(json: string): ReadEvent | Refusal {
  const { eventBytes, eventDepth } = STREAM_LIMITS;
  const data = wellFormedJson(json);
  if (data.length > eventBytes || (data.length * 3 > eventBytes && encoder.encode(data).length > eventBytes)) {
    return refuse("too_large", `An event may have ${eventBytes} bytes.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return refuse("bad_json", "Not JSON.");
  }
  if (!isObject(value)) return refuse("bad_message", "An event is a JSON object.");
  if (tooDeep(value, eventDepth)) return refuse("too_deep", `An event may be nested ${eventDepth} deep.`);
  const line = onOneLine(data);
  const id = Object.hasOwn(value, "id") ? value["id"] : undefined;
  if (typeof id !== "string") return { event: { data: line }, value };
  if (id === "" || id.length > STREAM_LIMITS.idUnits) {
    return refuse("bad_message", `An event's id has 1 to ${STREAM_LIMITS.idUnits} characters.`);
  }
  return { event: { data: line, id }, value };
}

/** The events of a text, one a line; empty lines are passed over. All of them, or which lines are at fault. */
export function readEvents(text: string): readonly ReadEvent[] | Refusal {
  const { batchBytes, batchEvents } = STREAM_LIMITS;
  if (text.length > batchBytes || (text.length * 3 > batchBytes && encoder.encode(text).length > batchBytes)) {
    return refuse("too_large", `A batch may have ${batchBytes} bytes.`);
  }
  const read: ReadEvent[] = [];
  const faults: LineFault[] = [];
  let line = 0;
  let count = 0;
  for (const written of text.split("\n")) {
    line += 1;
    const data = written.trim();
    if (data === "") continue;
    count += 1;
    const event = readEvent(data);
    if (!(event instanceof Refusal)) read.push(event);
    else if (faults.length < FAULTS) faults.push({ line, code: event.code, message: event.message });
  }
  if (count > batchEvents) return refuse("too_large", `A batch may have ${batchEvents} events; this one has ${count}.`);
  return refuseLines(faults, count - read.length) ?? read;
}

/** A batch of one event that is at fault is refused as that event is; a larger one says which lines are. */
export function refuseLines(faults: readonly LineFault[], count = faults.length): Refusal | undefined {
  const [first] = faults;
  if (first === undefined) return undefined;
  const which = count === 1 ? `Line ${first.line}: ` : `${count} lines are at fault; the first is line ${first.line}: `;
  return refuse(first.code, which + first.message, { lines: faults });
}
