import { expect, test } from "vitest";
import type { JsonObject } from "../lib/json.ts";
import { moveMembers, startOrder } from "./use-member-order.ts";

function shown(...values: readonly [JsonObject, ...JsonObject[]]): readonly string[] {
  const [first, ...rest] = values;
  return rest.reduce(moveMembers, startOrder(first)).members.map(({ id, key }) => `${id}:${key}`);
}

test("a renamed field keeps its place, and its identity", () => {
  expect(shown({ a: 1, b: 2, c: 3 }, { a: 1, c: 3, x: 2 })).toEqual(["0:a", "1:x", "2:c"]);
  expect(shown({ a: ["x"], b: 2 }, { b: 2, x: ["x", "y"] })).toEqual(["0:x", "1:b"]);
});

test("a field that comes back is where it was", () => {
  expect(shown({ a: 1, b: 2, c: 3 }, { a: 1, c: 3 }, { a: 1, c: 3, b: 2 })).toEqual(["0:a", "3:b", "2:c"]);
  expect(shown({ a: 1, b: 2, c: 3 }, { c: 3 }, { c: 3, d: 4 }, { c: 3, d: 4, b: 2 })).toEqual(["4:b", "2:c", "3:d"]);
});

test("a new field comes at the end", () => {
  expect(shown({ a: 1 }, { a: 1, b: 2 }, { b: 2, a: 1, c: 3 })).toEqual(["0:a", "1:b", "2:c"]);
});
