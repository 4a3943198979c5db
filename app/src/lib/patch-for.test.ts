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
  const edit = { op: "add", path: "/new", value: 1 } as const;
  expect(patchFor(value, [edit])).toEqual([edit]);
});

test("a text is replaced only where nobody has changed it meanwhile", () => {
  const edit = { op: "replace", path: "/title", value: "y" } as const;
  const test = { op: "test", path: "/title", value: "x" };
  expect(patchFor(value, [edit])).toEqual([test, edit]);
  const other = { op: "add", path: "/new", value: 1 } as const;
  expect(patchFor(value, [edit, other])).toEqual([test, edit, other]);
});

test("a field that is renamed keeps what is written into it meanwhile", () => {
  const edits = [
    { op: "remove", path: "/list" },
    { op: "add", path: "/things", value: value.list },
  ] as const;
  expect(patchFor(value, edits)).toEqual([{ op: "move", from: "/list", path: "/things" }]);
});

test("an edit in one element of a list tests that it is still there", () => {
  const edit = { op: "replace", path: "/list/1/n", value: "B" } as const;
  expect(patchFor(value, [edit])).toEqual([
    { op: "test", path: "/list/1/id", value: 2 },
    { op: "test", path: "/list/1/n", value: "b" },
    edit,
  ]);
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
