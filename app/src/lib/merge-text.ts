import { align } from "./align.ts";

/** A stretch of a text that was replaced, in UTF-16 offsets of the text before. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/**
 * The text with both sides' changes to `base`; undefined where they changed the same stretch of it, so that neither
 * can be kept whole. What both insert at the same place is kept twice over, theirs first.
 */
export function mergeText(base: string, mine: string, theirs: string): string | undefined {
  if (mine === base || mine === theirs) return theirs;
  if (theirs === base) return mine;
  return (
    combine(base, [oneChange(base, mine)], [oneChange(base, theirs)]) ??
    combine(base, wordChanges(base, mine), wordChanges(base, theirs))
  );
}

/** Whether `theirs` changes what `text` has and `before` had not: of two edits on top of each other, the later undoes the earlier. */
export function overlaps(before: string, text: string, theirs: string): boolean {
  const own = oneChange(before, text);
  const change = oneChange(text, theirs);
  return change.from < own.from + own.insert.length && change.to > own.from;
}

/** Where a place in a text is after it was changed to another. */
export function movedOffset(before: string, after: string, offset: number): number {
  const { from, to, insert } = oneChange(before, after);
  if (offset <= from) return offset;
  return offset >= to ? offset + insert.length - (to - from) : from + insert.length;
}

/** From the first character that differs to the last. */
function oneChange(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  if (start > 0 && isHighSurrogate(before.charCodeAt(start - 1))) start -= 1;
  let end = 0;
  while (
    end < most - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end += 1;
  }
  if (end > 0 && isLowSurrogate(before.charCodeAt(before.length - end))) end -= 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/** Word by word: of a text that was changed in several places, what is between them is unchanged. */
function wordChanges(before: string, after: string): Change[] {
  const [old, words] = [wordsOf(before), wordsOf(after)];
  const changes: Change[] = [];
  let offset = 0;
  let next = 0;
  let open: { from: number; to: number; insert: string } | undefined;
  const pairs = align(old, words);
  old.forEach((word, i) => {
    const to = pairs[i] ?? -1;
    const same = to !== -1 && words[to] === word;
    if (same) {
      const insert = words.slice(next, to).join("");
      if (open !== undefined) changes.push({ ...open, insert });
      else if (insert !== "") changes.push({ from: offset, to: offset, insert });
      open = undefined;
      next = to + 1;
    } else open = { from: open?.from ?? offset, to: offset + word.length, insert: "" };
    offset += word.length;
  });
  const insert = words.slice(next).join("");
  if (open !== undefined || insert !== "") changes.push({ from: offset, to: offset, ...open, insert });
  return changes;
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|./gsu) ?? [];
}

function combine(base: string, mine: readonly Change[], theirs: readonly Change[]): string | undefined {
  const all = [
    ...theirs.map((change) => ({ ...change, own: false })),
    ...mine.map((change) => ({ ...change, own: true })),
  ];
  // The sort keeps the order of equals: theirs come first.
  all.sort((a, b) => a.from - b.from || a.to - b.to);
  let merged = "";
  let reached = 0;
  let last: (typeof all)[number] | undefined;
  for (const change of all) {
    if (last !== undefined && last.own !== change.own) {
      // Both made the same change, such as one of them with the other's help.
      if (last.from === change.from && last.to === change.to && last.insert === change.insert && last.to > last.from) {
        continue;
      }
      if (change.from < last.to) return undefined;
    }
    merged += base.slice(reached, change.from) + change.insert;
    reached = change.to;
    last = change;
  }
  return merged + base.slice(reached);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
