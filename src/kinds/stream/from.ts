import { parseVersion } from "../../protocol/position.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";

/** Where to begin reading a stream. */
export type From =
  /** With what is published from now on. */
  | "now"
  /** With the oldest event that is there. */
  | "start"
  | { readonly last: number }
  /** With the first event of this time or later, milliseconds since 1970. */
  | { readonly at: number }
  /** After this position, `<epoch>.<seq>`. */
  | { readonly after: string };

const MOST_LAST = 1_000_000;

/**
 * Reads `now`, `start`, `last:<n>`, a position `<epoch>.<seq>`, or a time: ISO 8601 (`2026-11-21T10:00Z`) or
 * milliseconds since 1970.
 */
export function parseFrom(text: string): From | Refusal {
  if (text === "now" || text === "start") return text;
  const [, count] = /^last:([0-9]{1,9})$/.exec(text) ?? [];
  if (count !== undefined && Number(count) <= MOST_LAST) return { last: Number(count) };
  if (/^[0-9]{1,15}$/.test(text)) return { at: Number(text) };
  if (parseVersion(text) !== undefined) return { after: text };
  const at = /^[0-9]{4}-[0-9]{2}/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return { at };
  return refuse(
    "bad_request",
    "`from` is now, start, last:<n>, a position <epoch>.<seq>, or a time in ISO 8601 or milliseconds since 1970.",
  );
}
