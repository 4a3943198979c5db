import { describe, expect, test } from "vitest";
import { Budget, unitsOf, USEFUL, USELESS } from "./budget.ts";

const NOW = 1_000_000;
const WORK = 1_000;

/** How many messages of a cost a budget lets through, at most 10,000. */
function through(budget: Budget, units: number, now = NOW, work = WORK): number {
  for (let count = 0; count < 10_000; count += 1) if (!budget.spend(units, now, work)) return count;
  return 10_000;
}

describe("a connection's budget", () => {
  test("Q10 is spent by what comes to nothing sooner than by what has an effect, and refills in five seconds", () => {
    expect(through(new Budget(), USELESS)).toBe(WORK / USELESS);
    expect(through(new Budget(), USEFUL)).toBe(WORK);
    const budget = new Budget();
    through(budget, USELESS);
    expect(through(budget, USELESS, NOW + 1_000)).toBeLessThan(WORK / USELESS / 4);
    expect(through(budget, USELESS, NOW + 20_000)).toBe(WORK / USELESS);
  });

  test("Q10 the length of a message costs little where it had an effect", () => {
    expect(unitsOf(0, true)).toBe(USEFUL);
    expect(unitsOf(0, false)).toBe(USELESS);
    expect(unitsOf(65_536, true)).toBeLessThan(USELESS);
    expect(unitsOf(65_536, false)).toBeGreaterThan(10 * USELESS);
  });

  test("Q10 without a limit is never spent, and one frame larger than all of it passes once", () => {
    expect(through(new Budget(), USELESS, NOW, Infinity)).toBe(10_000);
    expect(through(new Budget(), 5 * WORK)).toBe(1);
  });

  test("Q10 what was spent outlives a sleep, but for an eighth of the budget", () => {
    const budget = new Budget();
    let stored = budget.spent;
    for (let count = 0; count < 39; count += 1) {
      budget.spend(USELESS, NOW, WORK);
      if (!budget.isWorthSaving(NOW)) continue;
      stored = budget.spent;
      budget.saved();
    }
    expect(through(new Budget(stored), USELESS)).toBeLessThanOrEqual(1 + WORK / USELESS / 8);
    expect(new Budget().spent).toBeUndefined();
  });
});
