import { expect, test } from "vitest";
import { compileFilter } from "../../../src/kinds/stream/filter.ts";
import { Refusal } from "../../../src/protocol/refusal.ts";
import { filterFor } from "./top-list.tsx";

test.each([
  ["types", "click", { type: "click" }, { type: "clicks" }],
  ["types", 'a "b", c', { type: 'a "b", c' }, { type: "a" }],
  ["types", "", { n: 1 }, { type: "click" }],
  ["pages", "/a b", { type: "pageview", path: "/a b" }, { type: "click", path: "/a b" }],
  ["pages", "", { type: "pageview" }, { type: "pageview", path: "/" }],
] as const)("a click on one of the top %s, %j, finds what it counts", (which, name, one, other) => {
  const passes = compileFilter(filterFor(which, name));
  if (passes instanceof Refusal) throw new Error(passes.message);
  expect([one, other].map((event) => passes({ data: JSON.stringify(event) }))).toEqual([true, false]);
});
