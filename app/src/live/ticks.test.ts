import { expect, test } from "vitest";
import { niceTop, short, TICK_SPACE, TICK_STEPS } from "./ticks.ts";

/** What is left of a chart's height for its values, in pixels. */
const HEIGHT = 136;

test("there are labels beside 0, whatever the greatest value is", () => {
  for (let most = 1; most < 1e12; most = Math.ceil(most * 1.07)) {
    const top = niceTop(most);
    expect(top).toBeGreaterThanOrEqual(most);
    const step = TICK_STEPS.find((each) => (each / top) * HEIGHT >= TICK_SPACE);
    expect(step).toBeLessThanOrEqual(top);
  }
});

test.each([
  [0, "0"],
  [5000, "5000"],
  [20_000, "20k"],
  [400_000, "400k"],
  [2_500_000, "2.5M"],
])("%d is %s", (value, text) => expect(short(value)).toBe(text));
