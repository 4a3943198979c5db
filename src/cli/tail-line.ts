import { styleText } from "node:util";
import { membersOf } from "../kinds/json/text.ts";

const COLOURS = ["cyan", "green", "yellow", "magenta", "blue", "redBright", "cyanBright", "magentaBright"] as const;

/** Members that have a place of their own in the line where they are strings. */
const PLACED = new Set(["type", "path"]);
/** Members that say nothing which the reader does not know. */
const KNOWN = new Set(["siteId", "id", "at", "visitor"]);

/** Widths of the columns for type and path. */
const TYPE = 10;
const PATH = 24;

/** One event as a line for people: when, what, where, and the rest as it was written. Never throws. */
export function eventLine(data: string, now: number, colours: boolean): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(format, text, { validateStream: false }) : text;
  const event = parse(data);
  if (event === undefined) return `${style("dim", clock(now))}  ${printable(data)}`;
  const { type, path, at } = event;
  const parts = [style("dim", clock(typeof at === "number" && !Number.isNaN(new Date(at).getTime()) ? at : now))];
  if (typeof type === "string") parts.push(style(colourOf(type), printable(type).padEnd(TYPE)));
  if (typeof path === "string") parts.push(style("bold", printable(path).padEnd(PATH)));
  const rest = restOf(data);
  if (rest.length > 0) parts.push(style("dim", printable(`{${rest.join(",")}}`)));
  return parts.join("  ").trimEnd();
}

/** The members that the line has no other place for: from the text, since a number may say more than JavaScript can hold. */
function restOf(data: string): readonly string[] {
  const members = membersOf(data);
  return members
    .filter(({ name, value }, index) => {
      if (!PLACED.has(name) && !KNOWN.has(name)) return true;
      // Of several under one name, the last is the one that the line has a place for.
      if (members.findLastIndex((other) => other.name === name) !== index) return true;
      return PLACED.has(name) ? !value.startsWith('"') : value.startsWith("{") || value.startsWith("[");
    })
    .map(({ text }) => text);
}

function parse(data: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The same type has the same colour, today and tomorrow. */
function colourOf(type: string): (typeof COLOURS)[number] {
  let sum = 0;
  for (const sign of type) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003;
  return COLOURS[sum % COLOURS.length] ?? "cyan";
}

/** `14:05:12`, by this machine's clock. */
function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** What an event holds is anybody's text: it must not move the cursor or rename the window. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (sign) => {
    return `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}
