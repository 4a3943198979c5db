import { expect, test } from "vitest";
import type { Json } from "./json.ts";
import { type Conflict, merge } from "./merge.ts";

function merged(
  base: Json,
  mine: Json,
  theirs: Json,
): { readonly value: Json; readonly conflicts: readonly Conflict[] } {
  const conflicts: Conflict[] = [];
  return { value: merge(base, mine, theirs, conflicts), conflicts };
}

test("what two people type in one text at once is merged", () => {
  expect(merged({ t: ["middle"] }, { t: ["begins, middle"] }, { t: ["middle, ends"] })).toEqual({
    value: { t: ["begins, middle, ends"] },
    conflicts: [],
  });
});

test("where both changed the same words mine stays, and the conflict is reported at its place in the merged value", () => {
  const base = { list: [{ id: 1, n: "one" }], x: 1 };
  const mine = { list: [{ id: 1, n: "ONE" }], x: 1 };
  const theirs = {
    list: [
      { id: 0, n: "zero" },
      { id: 1, n: "Uno" },
    ],
    x: 2,
  };
  expect(merged(base, mine, theirs)).toEqual({
    value: {
      list: [
        { id: 0, n: "zero" },
        { id: 1, n: "ONE" },
      ],
      x: 2,
    },
    conflicts: [{ path: "/list/1/n", base: "one", theirs: "Uno" }],
  });
  expect(merged(1, 2, 3)).toEqual({ value: 2, conflicts: [{ path: "", base: 1, theirs: 3 }] });
  expect(merged(1, 2, 2).conflicts).toEqual([]);
});

test("what is typed in a list that somebody renames meanwhile goes into the renamed list, and no other is made", () => {
  const base = { packing: ["tent", "camera"], other: [] };
  const mine = { packing: ["tent", "camera and lens"], other: [] };
  expect(merged(base, mine, { other: [], things: ["tent", "camera"] }).value).toEqual({
    other: [],
    things: ["tent", "camera and lens"],
  });
  expect(merged(base, mine, { other: [], things: ["tent", "camera", "stove"] }).value).toEqual({
    other: [],
    things: ["tent", "camera and lens", "stove"],
  });
  expect(merged({ title: "a" }, { title: "ab" }, { name: "a" }).value).toEqual({ name: "ab" });
});

test("what somebody types in a field that I rename meanwhile is in the renamed field", () => {
  expect(merged({ a: "x", b: 1 }, { c: "x", b: 1 }, { a: "xy", b: 1 }).value).toEqual({ c: "xy", b: 1 });
  expect(merged({ a: "x" }, { c: "x" }, { a: "x", c: 1 }).value).toEqual({ a: "x", c: 1 });
});

test("what one removed and the other changed is kept", () => {
  expect(merged({ a: { t: "x" } }, { a: { t: "xy" } }, {}).value).toEqual({ a: { t: "xy" } });
});
