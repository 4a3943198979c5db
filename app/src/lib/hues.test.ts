import { expect, test } from "vitest";
import { colorToHue, distinctHues, hueToColor } from "./hues.ts";
import { HUES } from "./people.ts";

test("a colour of the page's own comes back as itself", () => {
  for (let hue = 0; hue < HUES; hue += 1) expect(colorToHue(hueToColor(hue), "")).toBe(hue);
});

test("any other becomes the nearest, a grey or none one that the name stands for", () => {
  expect([colorToHue("#ff0000", ""), colorToHue("#00ff66", ""), colorToHue("#0000ff", "")]).toEqual([1, 2, 0]);
  for (const color of ["#808080", "red; background: url(x)", undefined]) {
    expect(colorToHue(color, "Ada")).toBe(colorToHue(undefined, "Ada"));
  }
});

const people = (...hues: readonly number[]) => hues.map((hue, i) => ({ person: `p${i}`, hue }));

test("eight people in a room have eight colours, whatever they chose", () => {
  for (const chosen of [people(1, 1, 1, 1, 1, 1, 1, 1), people(0, 7, 7, 0, 3, 3, 2, 2)]) {
    expect(new Set(distinctHues(chosen).values()).size).toBe(HUES);
  }
  const uses = [...distinctHues(people(...Array<number>(20).fill(5))).values()];
  for (let hue = 0; hue < HUES; hue += 1) expect(uses.filter((each) => each === hue).length).toBeLessThanOrEqual(3);
});

test("everybody sees the same colours, in whatever order the people are listed", () => {
  const chosen = people(4, 4, 4, 2, 2, 0);
  expect(distinctHues(chosen.toReversed())).toEqual(distinctHues(chosen));
});

test("a person keeps a colour that nobody else chose, and has the same one in every window", () => {
  const hues = distinctHues([...people(3, 3, 6), { person: "p1", hue: 3 }]);
  expect([hues.get("p0"), hues.get("p2"), hues.size]).toEqual([3, 6, 3]);
});
