import { describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { tryDocument } from "./try-document.ts";

const NOW = 1_763_000_000_000;

function update(state: Json, ...fields: unknown[]) {
  return tryDocument(state, { type: "update", fields }, { now: NOW });
}

describe("field operators", () => {
  test.each<[string, Json, unknown, Json]>([
    ["increment", { n: 1 }, { op: "increment", path: "/n", by: 2.5 }, { n: 3.5 }],
    ["increment by 1 unless told", { n: 1 }, { op: "increment", path: "/n" }, { n: 2 }],
    ["increment what is missing", {}, { op: "increment", path: "/a/n", by: -3 }, { a: { n: -3 } }],
    ["increment in an array", { l: [1, 2] }, { op: "increment", path: "/l/1" }, { l: [1, 3] }],
    [
      "union",
      { l: [1, "1", { a: 1, b: 2 }] },
      { op: "union", path: "/l", values: ["1", 2, 2, { b: 2, a: 1 }, null] },
      { l: [1, "1", { a: 1, b: 2 }, 2, null] },
    ],
    [
      "union of equal containers",
      { l: [] },
      { op: "union", path: "/l", values: [{ a: [1] }, { a: [1] }] },
      { l: [{ a: [1] }] },
    ],
    ["union with what is missing", {}, { op: "union", path: "/l", values: [1] }, { l: [1] }],
    [
      "remove",
      { l: [1, { a: 1, b: 2 }, 1, "1", [1]] },
      { op: "remove", path: "/l", values: [1, { b: 2, a: 1 }, [1]] },
      { l: ["1"] },
    ],
    ["remove from what is missing", { a: 1 }, { op: "remove", path: "/l/x", values: [1] }, { a: 1 }],
    ["delete", { a: { b: 1, c: 2 } }, { op: "delete", path: "/a/b" }, { a: { c: 2 } }],
    ["delete what is missing", { a: 1 }, { op: "delete", path: "/a/b/c" }, { a: 1 }],
    ["delete an element", { l: [1, 2, 3] }, { op: "delete", path: "/l/1" }, { l: [1, 3] }],
    ["put", { a: 1 }, { op: "put", path: "/b/c/d", value: null }, { a: 1, b: { c: { d: null } } }],
    ["put an element", { l: [1, 2] }, { op: "put", path: "/l/0", value: 9 }, { l: [9, 2] }],
    ["put at the end", { l: [1, 2] }, { op: "put", path: "/l/2", value: 9 }, { l: [1, 2, 9] }],
    ["put after the end", { l: [] }, { op: "put", path: "/l/-/a", value: 9 }, { l: [{ a: 9 }] }],
    ["put the whole document", { a: 1 }, { op: "put", path: "", value: [] }, []],
    ["put into an array", [{ n: 1 }], { op: "put", path: "/0/n", value: 2 }, [{ n: 2 }]],
    ["increment a document that is a number", 4, { op: "increment", path: "" }, 5],
    ["serverTime", {}, { op: "serverTime", path: "/at" }, { at: NOW }],
  ])("D2 %s", (_title, state, field, expected) => {
    const result = update(state, field);
    expect(result.refused).toBeUndefined();
    expect(result.state).toEqual(expected);
  });

  test.each<[string, Json, unknown, string]>([
    ["increment of a text", { n: "1" }, { op: "increment", path: "/n" }, "conflict /n"],
    ["increment of null", { n: null }, { op: "increment", path: "/n" }, "conflict /n"],
    [
      "increment beyond all numbers",
      { n: Number.MAX_VALUE },
      { op: "increment", path: "/n", by: Number.MAX_VALUE },
      "conflict /n",
    ],
    ["union with an object", { l: {} }, { op: "union", path: "/l", values: [1] }, "conflict /l"],
    ["union with null", { l: null }, { op: "union", path: "/l", values: [1] }, "conflict /l"],
    ["remove from a text", { l: "1" }, { op: "remove", path: "/l", values: ["1"] }, "conflict /l"],
    ["put into a scalar", { a: 1 }, { op: "put", path: "/a/b", value: 1 }, "conflict /a/b"],
    ["put into null", { a: null }, { op: "put", path: "/a/b", value: 1 }, "conflict /a/b"],
    ["put past the end", { l: [] }, { op: "put", path: "/l/1", value: 1 }, "conflict /l/1"],
    ["put by name in an array", { l: [] }, { op: "put", path: "/l/x/y", value: 1 }, "conflict /l/x/y"],
    ["delete of the whole document", {}, { op: "delete", path: "" }, "conflict "],
    ["a field of a document that is a scalar", "text", { op: "put", path: "/a", value: 1 }, "conflict /a"],
    ["a field of a document that is null", null, { op: "serverTime", path: "/a" }, "conflict /a"],
  ])("D2 %s is refused", (_title, state, field, refused) => {
    const result = update(state, field);
    expect(result.refused).toBe(refused);
    expect(result.state).toBe(state);
  });

  test("D2 a list is one whole: the last fault undoes the first change", () => {
    const state = { n: 1 };
    const result = update(state, { op: "increment", path: "/n" }, { op: "increment", path: "/n/x" });
    expect(result).toEqual({ state, ops: [], refused: "conflict /n/x" });
  });

  test("D2 D7 the log holds the time, the increment and the union, not their results", () => {
    const fields = [
      { op: "serverTime", path: "/at" },
      { op: "increment", path: "/n", by: 2 },
      { op: "union", path: "/l", values: [1] },
    ];
    expect(update({ n: 1, l: [1] }, ...fields).ops).toEqual([
      { type: "update", fields: [{ op: "put", path: "/at", value: NOW }, ...fields.slice(1)] },
    ]);
  });

  test("D4 many searches of one large array in a single intent are refused", () => {
    const state = { l: Array.from({ length: 100_000 }, (_, index) => index) };
    const fields = Array.from({ length: 2000 }, (_, index) => ({ op: "union", path: "/l", values: [index] }));
    expect(update(state, ...fields).refused).toBe("too_large /l");
    expect(update(state, { op: "union", path: "/l", values: [-1, 5] }).refused).toBeUndefined();
  });
});
