import { expect, test } from "vitest";
import { colorToHue, hueToColor } from "./hues.ts";
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
