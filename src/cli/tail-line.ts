import { styleText } from "node:util";

const COLOURS = ["cyan", "green", "yellow", "magenta", "blue", "redBright", "cyanBright", "magentaBright"] as const;

/** Members that have a place of their own in the line, or say nothing that the reader does not know. */
const PLACED = new Set(["siteId", "id", "type", "path", "at", "visitor"]);

/** Widths of the columns for type and path. */
const TYPE = 10;
const PATH = 24;

/** One event as a line for people: when, what, where, and the rest as JSON. */
export function eventLine(data: string, now: number, colours: boolean): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(format, text, { validateStream: false }) : text;
  const event = parse(data);
  if (event === undefined) return `${style("dim", clock(now))}  ${printable(data)}`;
  const { type, path, at } = event;
  const parts = [style("dim", clock(typeof at === "number" && !Number.isNaN(new Date(at).getTime()) ? at : now))];
  if (typeof type === "string") parts.push(style(colourOf(type), printable(type).padEnd(TYPE)));
  if (typeof path === "string") parts.push(style("bold", printable(path).padEnd(PATH)));
  const rest = Object.fromEntries(
    Object.entries(event).filter(([name, value]) => !PLACED.has(name) || typeof value === "object"),
  );
  if (Object.keys(rest).length > 0) parts.push(style("dim", printable(JSON.stringify(rest))));
  return parts.join("  ").trimEnd();
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
