import { expect, test } from "vitest";
import { moveKeys } from "./use-item-keys.ts";

test("a key stays with its element when others come before it", () => {
  expect(moveKeys(["a", "b"], [0, 1], ["new", "a", "b"], 2)).toEqual({ keys: [2, 0, 1], next: 3 });
});

test("an element that was edited in place keeps its key", () => {
  expect(moveKeys(["a", "b"], [0, 1], ["a", "bc"], 2).keys).toEqual([0, 1]);
});

test("the key of a removed element is not given again", () => {
  const { keys, next } = moveKeys(["a", "b"], [0, 1], ["a"], 2);
  expect(moveKeys(["a"], keys, ["a", "c"], next).keys).toEqual([0, 2]);
});
