import type { ChatMessage } from "roomcast";

/** One line of the talk, from top to bottom. */
export type Row =
  | { readonly type: "day"; readonly key: string; readonly at: number }
  /** What follows is new since this person last looked. */
  | { readonly type: "new"; readonly key: string }
  /** Messages are missing here, and on their way. */
  | { readonly type: "gap"; readonly key: string }
  | {
      readonly type: "message";
      readonly key: string;
      readonly message: ChatMessage;
      /** Not a continuation: its author and time are shown. */
      readonly first: boolean;
    };

/** Messages of one person so near to each other, in milliseconds, stand together. */
const TOGETHER = 5 * 60_000;

interface Marks {
  readonly me: string | undefined;
  /** Numbers of the messages before which to say so. */
  readonly newFrom?: number | undefined;
  readonly gap?: number | undefined;
}

export function toRows(messages: readonly ChatMessage[], { me = "", newFrom, gap }: Marks): readonly Row[] {
  const rows: Row[] = [];
  const keys = new Set<string>();
  let last: ChatMessage | undefined;
  let day = "";
  for (const message of messages) {
    const { n, at } = message;
    let first = !continues(last, message);
    const today = new Date(at).toDateString();
    if (n !== 0 && n === gap) rows.push({ type: "gap", key: "gap" });
    if (today !== day) rows.push({ type: "day", key: `day ${today}`, at });
    if (n !== 0 && n === newFrom) rows.push({ type: "new", key: "new" });
    first ||= today !== day || (n !== 0 && (n === gap || n === newFrom));
    rows.push({ type: "message", key: keyOf(message, me, keys), message, first });
    last = message;
    day = today;
  }
  return rows;
}

/**
 * What a line is called for React. One's own message keeps its name from before it had a number. Those of others go by
 * number: their keys are whatever their clients sent.
 */
function keyOf({ n, key, from }: ChatMessage, me: string, taken: Set<string>): string {
  if (key === undefined || (n !== 0 && from !== me) || taken.has(key)) return `n${n}`;
  taken.add(key);
  return key;
}

function continues(last: ChatMessage | undefined, { from, name, at, reply, error }: ChatMessage): boolean {
  return (
    last !== undefined &&
    last.from === from &&
    last.name === name &&
    at - last.at < TOGETHER &&
    reply === undefined &&
    error === undefined &&
    last.error === undefined
  );
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** `Today`, `Yesterday`, `Friday 21 November`. */
export function dayWords(at: number, now: number, locale = "en-GB"): string {
  const start = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((start(now) - start(at)) / DAY);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export function clock(at: number): string {
  return CLOCK.format(at);
}

/** Without the half of the day, which is in the lines around it. */
export function shortClock(at: number): string {
  const parts = CLOCK.formatToParts(at).filter(({ type }) => type !== "dayPeriod");
  return parts
    .map(({ value }) => value)
    .join("")
    .trim();
}

export function fullTime(at: number): string {
  return FULL.format(at);
}

/** Who types, in few words: names, or how many, and what is between and after them, by turns. Empty while nobody does. */
export function typingWords(names: readonly string[]): readonly string[] {
  const [one, two] = names;
  if (one === undefined) return [];
  if (two === undefined) return [one, " is typing"];
  return names.length === 2 ? [one, " and ", two, " are typing"] : [String(names.length), " people are typing"];
}
