import { type Json, isArray, isObject } from "./json.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A moment as people say it: `just now`, `4 min ago`, `yesterday`, `12 Mar`. Times in milliseconds since 1970. */
export function ago(then: number, now: number, locale = "en"): string {
  const past = now - then;
  if (past < MINUTE) return "just now";
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  if (past < HOUR) return relative.format(-Math.floor(past / MINUTE), "minute");
  if (past < DAY) return relative.format(-Math.floor(past / HOUR), "hour");
  if (past < 7 * DAY) return relative.format(-Math.floor(past / DAY), "day");
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(then);
}

/** UTF-8 bytes for people: `312 B`, `1.4 kB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const [value, unit] = count < 1_000_000 ? [count / 1000, "kB"] : [count / 1_000_000, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `1 change`, `3 changes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A value in a few words: strings quoted and shortened, containers by what they hold. */
export function brief(value: Json, most = 48): string {
  if (isArray(value)) return value.length === 0 ? "[]" : `[${plural(value.length, "item")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).length;
    return keys === 0 ? "{}" : `{${plural(keys, "field")}}`;
  }
  const text = JSON.stringify(value);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…${typeof value === "string" ? '"' : ""}`;
}
