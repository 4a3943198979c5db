import { describe, expect, test } from "vitest";
import { tryDocument } from "./try-document.ts";

describe("mergePatch: the appendix of RFC 7396", () => {
  test.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("D2 %j with %j is %j", (state, patch, expected) => {
    const result = tryDocument(state, { type: "mergePatch", patch });
    expect(result.refused).toBeUndefined();
    expect(result.state).toEqual(expected);
  });

  test("D2 null inside an array is a value", () => {
    expect(tryDocument({}, { type: "mergePatch", patch: { a: [null, { b: null }] } }).state).toEqual({
      a: [null, { b: null }],
    });
  });
});

describe("merge", () => {
  test("D2 replaces whole top-level keys and keeps null", () => {
    const result = tryDocument({ a: { x: 1 }, b: 1 }, { type: "merge", value: { a: { y: 2 }, c: null } });
    expect(result.state).toEqual({ a: { y: 2 }, b: 1, c: null });
    expect(result.ops).toEqual([{ type: "merge", value: { a: { y: 2 }, c: null } }]);
  });

  test.each([[null], [1], ["text"], [[1]]])("into %j is a conflict", (state) => {
    expect(tryDocument(state, { type: "merge", value: { a: 1 } }).refused).toBe("conflict ");
  });
});

describe("what changes nothing gives no op", () => {
  const state = { a: { x: 1, y: [1, { z: 2 }] }, n: 0 };
  test.each([
    { type: "set", value: { n: 0, a: { y: [1, { z: 2 }], x: 1 } } },
    { type: "set", value: { a: { x: 1, y: [1, { z: 2 }] }, n: -0 } },
    { type: "merge", value: { a: { y: [1, { z: 2 }], x: 1 } } },
    { type: "merge", value: {} },
    { type: "mergePatch", patch: { a: { x: 1, gone: null } } },
    { type: "jsonPatch", patch: [] },
    {
      type: "jsonPatch",
      patch: [
        { op: "add", path: "/b", value: 1 },
        { op: "remove", path: "/b" },
      ],
    },
    { type: "jsonPatch", patch: [{ op: "move", from: "/a", path: "/a" }] },
    { type: "update", fields: [] },
    { type: "update", fields: [{ op: "increment", path: "/n", by: 0 }] },
    { type: "update", fields: [{ op: "union", path: "/a/y", values: [{ z: 2 }] }] },
    { type: "update", fields: [{ op: "delete", path: "/b/c" }] },
  ])("D6 %j", (intent) => {
    const result = tryDocument(state, intent);
    expect(result).toEqual({ state, ops: [], refused: undefined });
    expect(result.state).toBe(state);
  });
});
