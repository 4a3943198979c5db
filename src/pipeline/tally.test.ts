import { expect, test } from "vitest";
import { OTHER, Tally } from "./tally.ts";

const MINUTE = 60_000;

function tallied(events: readonly (readonly [number, object | string, string?])[]): Tally {
  const tally = new Tally();
  for (const [at, data, visitor] of events) {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    tally.add(at, visitor === undefined ? { data: text } : { data: text, visitor });
  }
  return tally;
}

test("K6 events are added up by minute, type and page", () => {
  const tally = tallied([
    [10 * MINUTE, { type: "pageview", path: "/" }],
    [11 * MINUTE - 1, { type: "pageview", path: "/" }],
    [11 * MINUTE, { type: "pageview", path: "/" }],
    [11 * MINUTE, { type: "click", path: "/" }],
    [11 * MINUTE, { type: "pageview", page: "/about" }],
    [11 * MINUTE, { type: "pageview", url: "https://shop.example/about?id=5#top" }],
    [11 * MINUTE, { type: 5, path: {} }],
    [11 * MINUTE, "[1,2]"],
    [11 * MINUTE, "not JSON"],
  ]);
  expect(tally.counts()).toEqual([
    [10, "pageview", "/", 2],
    [11, "pageview", "/", 1],
    [11, "click", "/", 1],
    [11, "pageview", "/about", 2],
    [11, "", "", 3],
  ]);
});

test("K11 a visitor is there once in each minute, hour and day", () => {
  const day = 24 * 60 * MINUTE;
  const tally = tallied([
    [day + 5, {}, "ann"],
    [day + 6, {}, "ann"],
    [day + 7, {}, "bob"],
    [day + MINUTE, {}, "ann"],
    [day + 60 * MINUTE, {}, "ann"],
    [day + 8, {}],
  ]);
  const perDay = [1440, 24, 1];
  const of = (unit: number) =>
    tally.seen().flatMap(([its, start, who]) => (its === unit ? [`${who} ${start - (perDay[unit] ?? 0)}`] : []));
  expect(of(0)).toEqual(["ann 0", "bob 0", "ann 1", "ann 60"]);
  expect(of(1)).toEqual(["ann 0", "bob 0", "ann 1"]);
  expect(of(2)).toEqual(["ann 0", "bob 0"]);
});

test("K6 long names are cut, and too many are counted together", () => {
  const tally = tallied([
    [0, { type: "t".repeat(100), path: `/${"p".repeat(300)}` }],
    ...Array.from({ length: 700 }, (_, n) => [0, { type: "view", path: `/${n}` }] as const),
    [0, { type: "view", path: "/3" }],
  ]);
  const counts = tally.counts();
  expect(counts[0]).toEqual([0, "t".repeat(64), `/${"p".repeat(199)}`, 1]);
  expect(counts.find(([, , page]) => page === "/3")?.[3]).toBe(2);
  expect(counts.find(([, type]) => type === OTHER)).toEqual([0, OTHER, OTHER, 201]);
  expect(counts).toHaveLength(501);
});
