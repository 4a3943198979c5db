const ADJECTIVES = ["amber", "brave", "calm", "clear", "early", "gentle", "golden", "keen", "light", "lucky", "mellow"];
const MORE_ADJECTIVES = ["merry", "misty", "noble", "quick", "quiet", "rapid", "silver", "steady", "sunny", "warm"];
const PLACES = ["bay", "bridge", "brook", "field", "garden", "glade", "grove", "harbour", "hill", "island", "lagoon"];
const MORE_PLACES = ["lake", "market", "meadow", "orchard", "pond", "ridge", "river", "shore", "summit", "valley"];
const CREATURES = ["Badger", "Crane", "Dolphin", "Finch", "Fox", "Hare", "Heron", "Ibex", "Jay", "Kestrel", "Lynx"];
const MORE_CREATURES = ["Magpie", "Newt", "Otter", "Owl", "Puffin", "Robin", "Seal", "Stoat", "Swift", "Wren"];

type Random = () => number;

function pick(random: Random, ...lists: readonly (readonly string[])[]): string {
  const all = lists.flat();
  return all[Math.floor(random() * all.length)] ?? "";
}

/** A document id that can be read aloud, such as `quiet-harbour-482`. */
export function documentName(random: Random = Math.random): string {
  const number = 100 + Math.floor(random() * 900);
  return `${pick(random, ADJECTIVES, MORE_ADJECTIVES)}-${pick(random, PLACES, MORE_PLACES)}-${number}`;
}

/** A friendly name for somebody who has not given one, such as `Calm Otter`. */
export function personName(random: Random = Math.random): string {
  const first = pick(random, ADJECTIVES, MORE_ADJECTIVES);
  return `${first.charAt(0).toUpperCase()}${first.slice(1)} ${pick(random, CREATURES, MORE_CREATURES)}`;
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const joined = letters.map((word) => Array.from(word ?? "")[0] ?? "").join("");
  return joined === "" ? "?" : joined.toLocaleUpperCase();
}

/**
 * What is typed as a room's name, as a room id; undefined when nothing is left of it. Keyboards spell an accented letter
 * as one character or as two, and ids that differ in that are two rooms: all get the same spelling here (NFC).
 */
export function toDocumentId(text: string): string | undefined {
  const id = text
    .normalize("NFC")
    .trim()
    .replaceAll(/[\s/\\?#%]+/g, "-")
    .replaceAll(/\p{Cc}/gu, "")
    .replaceAll(/^[-.]+|-+$/g, "");
  return id === "" ? undefined : Array.from(id).slice(0, 64).join("");
}
