import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { ChatLimits } from "./limits.ts";

/** The name of those who give none. */
export const ANONYMOUS = "anonymous";

/** Line breaks would let a name look like another line; marks of direction would let it read as another name. */
const UNSEEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

/** A name as it is shown: one line, no invisible characters, `anonymous` where nothing is left. */
export function cleanName(name: string | undefined): string {
  const clean = (name ?? "").replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  return clean === "" ? ANONYMOUS : clean;
}

/** A name that somebody gives itself; over the limit it is refused, with the words of the simple wire format. */
export function ownName(name: string | undefined, limits: ChatLimits): string | Refusal {
  if ((name ?? "").length > limits.name) return refuse("too_large", "Name too long.", { path: "/name" });
  return cleanName(name);
}

/** The name that the Worker vouches for: longer than a guest's may be, it is cut. */
export function givenName(name: string, limits: ChatLimits): string {
  return cut(cleanName(name), limits.name);
}

/** At most so many UTF-16 units, and no half of a character at the end. */
export function cut(text: string, units: number): string {
  if (text.length <= units) return text;
  const unit = text.charCodeAt(units - 1);
  return text.slice(0, unit >= 0xd800 && unit <= 0xdbff ? units - 1 : units);
}
