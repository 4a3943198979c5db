import { expect, test } from "vitest";
import { randomId } from "./ids.ts";

test("an id has the asked length and alphabet, whatever the length", () => {
  for (const length of [1, 8, 11, 16, 40]) expect(randomId(length)).toMatch(new RegExp(`^[a-z0-9]{${length}}$`));
  expect(randomId()).toHaveLength(16);
});

test("ten thousand ids are all different, and every character is about as frequent as another", () => {
  const ids = new Set<string>();
  const counts = new Map<string, number>();
  for (let n = 0; n < 10_000; n += 1) {
    const id = randomId();
    ids.add(id);
    for (const character of id) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect(ids.size).toBe(10_000);
  expect(counts.size).toBe(36);
  // 160,000 characters are 4,444 of each; five standard deviations are 330.
  for (const count of counts.values()) expect(Math.abs(count - 160_000 / 36)).toBeLessThan(330);
});
