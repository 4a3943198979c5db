import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { ChatLimits } from "./limits.ts";

/** The name of those who give none. */
export const ANONYMOUS = "anonymous";

/** What joins or dresses emoji is invisible, and has its place there only. */
const EMOJI =
  /\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?(?:\u200d\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?)*|[0-9#*]\ufe0f\u20e3/u;
/** Line breaks would let a name look like another line; marks of direction would let it read as another name. */
const BREAKS = /[\p{Cc}\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0]+/u;
const UNSEEN = new RegExp(`(${EMOJI.source})|(${BREAKS.source})|\\p{Default_Ignorable_Code_Point}+`, "gu");

/** Whether anything of a text can be seen. */
export function isVisible(text: string): boolean {
  return /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}

/** A name as it is shown: one line, no invisible characters, `anonymous` where nothing is left. */
export function cleanName(name: string | undefined): string {
  const seen = (name ?? "").replace(UNSEEN, (_, emoji?: string, breaks?: string) => emoji ?? (breaks ? " " : ""));
  const clean = seen.replace(/\s+/g, " ").trim();
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
