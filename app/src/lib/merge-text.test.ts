import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { mergeText } from "./merge-text.ts";

test.each([
  ["both ends", "middle", "begins at the middle", "middle ends at the end", "begins at the middle ends at the end"],
  ["the same place", "one", "one two", "one three", "one three two"],
  ["a word each", "the quick fox", "the slow fox", "the quick dog", "the slow dog"],
  ["several places", "a b c d e", "A b c d E", "a b C d e", "A b C d E"],
  ["a removal and an insertion beside it", "one two three", "one three", "one two three four", "one three four"],
  ["only mine", "a", "b", "a", "b"],
  ["only theirs", "a", "a", "b", "b"],
  ["the same", "a", "b", "b", "b"],
  ["whole characters", "x👍y", "x👎y", "x👍y!", "x👎y!"],
])("what two people change in one text is merged: %s", (_, base, mine, theirs, merged) => {
  expect(mergeText(base, mine, theirs)).toBe(merged);
});

test.each([
  ["middle", "start", "end"],
  ["one two", "one 2", ""],
  ["👍", "👎", "👏"],
])("where both changed the same stretch, nobody's is chosen", (base, mine, theirs) => {
  expect(mergeText(base, mine, theirs)).toBeUndefined();
});

test("what both sides inserted is all in the merged text, in order", () => {
  assert(
    property(string(), string(), string(), string(), string(), (start, middle, end, mine, theirs) => {
      const base = start + middle + end;
      const merged = mergeText(base, start + mine + middle + end, start + middle + theirs + end);
      if (merged === undefined) return;
      // Whatever stretch a change is taken for, its length is what was added.
      expect(merged).toHaveLength(base.length + mine.length + theirs.length);
      expect(merged.split("").toSorted()).toEqual((base + mine + theirs).split("").toSorted());
    }),
  );
});
