import { isObject } from "../../kinds/json/object.ts";
import { refuseLines } from "../../kinds/stream/events.ts";
import { itemsOf, onOneLine } from "../../kinds/stream/split.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { refuse, type LineFault, type Refusal } from "../../protocol/refusal.ts";

/** The events of a body. */
export interface Batch {
  /** One event a line, as they were written. Empty lines count as lines and hold nothing. */
  readonly lines: string;
  /** The events' values, each with its line, from 1. */
  readonly events: readonly { readonly line: number; readonly value: JsonObject }[];
}

/** Media types whose bodies are one JSON value a line. */
const LINES = /^application\/(?:x-)?(?:ndjson|jsonl|json-lines|jsonlines)$/;

/**
 * Reads a body as events: a JSON object, a list of them, or one a line. Which of them it is, its text says; a media type
 * for lines only rules the others out.
 */
export function readBatch(text: string, type: string | undefined): Batch | Refusal {
  if (text.trim() === "") return refuse("bad_json", "The body is empty.");
  const whole = type !== undefined && LINES.test(type) ? undefined : parse(text);
  if (whole === undefined) return type !== undefined && LINES.test(type) ? fromLines(text) : perhapsLines(text);
  if (!Array.isArray(whole.value)) return check([onOneLine(text)], [whole.value]);
  if (whole.value.length === 0) return refuse("bad_message", "The list is empty.");
  return check(itemsOf(text), whole.value);
}

/** Not JSON as a whole. It is meant as lines if one of them is an event by itself, and is none of a list written over lines. */
function perhapsLines(text: string): Batch | Refusal {
  const meantAsLines =
    !text.trimStart().startsWith("[") && text.split("\n").some((line) => isObject(parse(line)?.value));
  return meantAsLines ? fromLines(text) : refuse("bad_json", "The body is not JSON.");
}

function fromLines(text: string): Batch | Refusal {
  const lines = text.split("\n").map((line) => line.trim());
  const faults: LineFault[] = [];
  const values = lines.map((line, at): unknown => {
    if (line === "") return undefined;
    const parsed = parse(line);
    if (parsed === undefined) faults.push({ line: at + 1, code: "bad_json", message: "Not JSON." });
    return parsed?.value;
  });
  return refuseFirst(faults) ?? check(lines, values);
}

function check(lines: readonly string[], values: readonly unknown[]): Batch | Refusal {
  const events: { line: number; value: JsonObject }[] = [];
  const faults: LineFault[] = [];
  for (const [at, value] of values.entries()) {
    const line = at + 1;
    if (isObject(value)) events.push({ line, value });
    else if (value !== undefined) faults.push({ line, code: "bad_message", message: "An event is a JSON object." });
  }
  return refuseFirst(faults) ?? { lines: lines.join("\n"), events };
}

/** The id of the site that a batch is for. */
export function siteOf({ events }: Batch): string | Refusal {
  const [first] = events;
  const site = first === undefined ? undefined : own(first.value);
  const faults = events.flatMap(({ line, value }): LineFault[] => {
    const given = own(value);
    if (typeof given !== "string" || given === "") {
      return [{ line, code: "bad_message", message: "An event that is published to a site has its siteId, a string." }];
    }
    if (given === site || typeof site !== "string") return [];
    return [{ line, code: "bad_message", message: "A batch is for one site, and this is for another." }];
  });
  const refused = refuseFirst(faults);
  if (refused !== undefined) return refused;
  if (typeof site !== "string") return refuse("bad_message", "There is no event.");
  // JSON can say half a character, which no address can: it would be another site's id by the time it is one.
  return site.isWellFormed() ? site : refuse("bad_room_id", "A room id has no lone surrogates.");
}

function own(value: JsonObject): unknown {
  return Object.hasOwn(value, "siteId") ? value["siteId"] : undefined;
}

/** As many faults as a refusal names. */
function refuseFirst(faults: readonly LineFault[]): Refusal | undefined {
  return refuseLines(faults.slice(0, 20), faults.length);
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
