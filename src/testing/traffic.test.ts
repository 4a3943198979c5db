import { expect, test } from "vitest";
import { traffic } from "./traffic.ts";

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test("the same chance gives the same traffic", () => {
  const make = () => {
    const site = traffic("shop", { random: seeded(7) });
    return Array.from({ length: 50 }, (_, at) => site.next(at));
  };
  expect(make()).toEqual(make());
});

test("people come, look around, do things and go", () => {
  const site = traffic("shop", { visitors: 10, random: seeded(1) });
  const events = Array.from({ length: 2000 }, (_, at) => site.next(at));
  expect(new Set(events.map(({ id }) => id)).size).toBe(2000);
  expect(new Set(events.map(({ siteId }) => siteId))).toEqual(new Set(["shop"]));
  const types = new Map<string, number>();
  for (const { type } of events) types.set(type, (types.get(type) ?? 0) + 1);
  expect(types.get("pageview")).toBeGreaterThan(1000);
  expect([...types.keys()]).toEqual(expect.arrayContaining(["click", "signup", "purchase", "error"]));
  // Whoever comes begins with a page view, and only then says where from.
  const seen = new Set<string>();
  const odd = events.filter(({ visitor, type, referrer }) => {
    const known = seen.has(visitor);
    seen.add(visitor);
    return known ? referrer !== undefined : type !== "pageview";
  });
  expect(odd).toEqual([]);
  expect(seen.size).toBeGreaterThan(150);
});
