import { expect, test } from "vitest";
import { patchFor } from "./patch-for.ts";

const value = {
  title: "x",
  list: [
    { id: 1, n: "a" },
    { id: 2, n: "b" },
  ],
};

test("an edit outside of lists goes alone", () => {
  const edit = { op: "replace", path: "/title", value: "y" } as const;
  expect(patchFor(value, [edit])).toEqual([edit]);
});

test("an edit in one element of a list tests that it is still there", () => {
  const edit = { op: "replace", path: "/list/1/n", value: "B" } as const;
  expect(patchFor(value, [edit])).toEqual([{ op: "test", path: "/list/1/id", value: 2 }, edit]);
});

test("edits that move a list's elements test the list, once", () => {
  const edits = [
    { op: "remove", path: "/list/0" },
    { op: "replace", path: "/list/0/n", value: "B" },
  ] as const;
  expect(patchFor(value, edits)).toEqual([{ op: "test", path: "/list", value: value.list }, ...edits]);
});

test("a list too long to be sent along is not tested", () => {
  const long = { list: ["x".repeat(9000)] };
  expect(patchFor(long, [{ op: "add", path: "/list/1", value: 1 }])).toHaveLength(1);
});
