import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { ChatLimits } from "./limits.ts";

/** The name of those who give none. */
export const ANONYMOUS = "anonymous";

// Some invisible characters are part of how a name is spelled. Each is kept only where its script needs it.

/** Emoji, with the selectors and joiners inside of them; keycaps; flags that are spelled with tags, such as Scotland's. */
const EMOJI =
  /\p{Extended_Pictographic}\p{Emoji_Modifier}?[\ufe0e\ufe0f]?(?:\u200d\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?)*|[0-9#*]\ufe0f\u20e3/u;
const TAGGED_FLAG = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}/u;
/** Letters and marks of scripts in which U+200C and U+200D decide how letters join, as in Persian, Hindi, Sinhala and Khmer. */
const JOINED =
  /(?=[\p{L}\p{M}])[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mand}\p{scx=Nkoo}\p{scx=Mong}\p{scx=Phag}\p{scx=Adlm}\p{scx=Rohg}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Mymr}\p{scx=Khmr}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}\p{scx=Sund}\p{scx=Cakm}\p{scx=Newa}\p{scx=Mtei}\p{scx=Limb}\p{scx=Sylo}\p{scx=Gran}\p{scx=Sidd}]/u;
/** A virama of Malayalam or Sinhala: U+200D after it is spelling at the end of a word too, as in `അനില്‍`. */
const ENDING = /[\u0d4d\u0dca]\u200d/u;
const JOINER = new RegExp(`(${JOINED.source})([\\u200c\\u200d])[\\u200c\\u200d]*(?=${JOINED.source})`, "u");
/** Which shape of a letter is meant: in Japanese and Chinese names, in Mongolian, Myanmar and Phags-pa. */
const SHAPED =
  /\p{Script=Han}[\ufe00-\ufe02\u{e0100}-\u{e01ef}]|\p{Script=Mongolian}[\u180b-\u180d\u180f]|\p{Script=Mongolian}\u180e(?=\p{Script=Mongolian})|[\p{Script=Myanmar}\p{Script=Phags_Pa}]\ufe00/u;
/** Line breaks would let a name look like another line; marks of direction would let it read as another name. */
const BREAKS = /[\p{Cc}\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0]+/u;
const UNSEEN = new RegExp(
  `(${TAGGED_FLAG.source}|${EMOJI.source}|${SHAPED.source}|${ENDING.source})|${JOINER.source}|(${BREAKS.source})|\\p{Default_Ignorable_Code_Point}+`,
  "gu",
);

/** Whether anything of a text can be seen. */
export function isVisible(text: string): boolean {
  return /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}

/** A name as it is shown: one line, no invisible characters but those of its spelling, `anonymous` where nothing is left. */
export function cleanName(name: string | undefined): string {
  const seen = (name ?? "").replace(
    UNSEEN,
    (_, spelled?: string, letter: string = "", joiner: string = "", breaks?: string) =>
      spelled ?? (breaks ? " " : letter + joiner),
  );
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
  // A joiner at the cut joins nothing.
  return cleanName(cut(cleanName(name), limits.name));
}

/** At most so many UTF-16 units, and no half of a character at the end. */
export function cut(text: string, units: number): string {
  if (text.length <= units) return text;
  const unit = text.charCodeAt(units - 1);
  return text.slice(0, unit >= 0xd800 && unit <= 0xdbff ? units - 1 : units);
}
