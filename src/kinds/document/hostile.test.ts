import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { tryDocument } from "./try-document.ts";

/** As a room gets it. An object literal could not hold a `__proto__` key. */
const parse = (text: string): Json => JSON.parse(text) as Json;

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "toJSON", ""];

afterEach(() => {
  // Whatever a test did, nothing may have reached what all objects share.
  if (Object.keys(Object.prototype).length > 0) throw new Error("Object.prototype was changed.");
});

function expectText(result: { readonly state: Json; readonly refused: string | undefined }, text: string): void {
  expect(result.refused).toBeUndefined();
  expect(JSON.stringify(result.state)).toBe(text);
  expect(JSON.stringify(parse(text))).toBe(text);
  expect(Object.getPrototypeOf(result.state)).toBe(Object.prototype);
}

describe.each(NAMES)("D5 %j is a key like any other", (name) => {
  const key = JSON.stringify(name);

  test("in set", () => {
    expectText(tryDocument({}, parse(`{"type":"set","value":{${key}:{"polluted":1}}}`)), `{${key}:{"polluted":1}}`);
  });

  test("in merge", () => {
    const merged = tryDocument({ a: 1 }, parse(`{"type":"merge","value":{${key}:{"polluted":1}}}`));
    expectText(merged, `{"a":1,${key}:{"polluted":1}}`);
    const again = tryDocument(merged.state, parse(`{"type":"merge","value":{${key}:2}}`));
    expectText(again, `{"a":1,${key}:2}`);
  });

  test("in a merge patch, to set, to go into and to remove", () => {
    const set = tryDocument({ a: 1 }, parse(`{"type":"mergePatch","patch":{${key}:{"polluted":1}}}`));
    expectText(set, `{"a":1,${key}:{"polluted":1}}`);
    const into = tryDocument(set.state, parse(`{"type":"mergePatch","patch":{${key}:{${key}:{"polluted":2}}}}`));
    expectText(into, `{"a":1,${key}:{"polluted":1,${key}:{"polluted":2}}}`);
    expectText(tryDocument(into.state, parse(`{"type":"mergePatch","patch":{${key}:null}}`)), `{"a":1}`);
    expect(tryDocument({ a: 1 }, parse(`{"type":"mergePatch","patch":{${key}:null}}`)).ops).toEqual([]);
  });

  test("in a JSON Patch", () => {
    const patch = (state: Json, ...patch: unknown[]) => tryDocument(state, { type: "jsonPatch", patch });
    const added = patch({}, { op: "add", path: `/${name}`, value: { polluted: 1 } });
    expectText(added, `{${key}:{"polluted":1}}`);
    expectText(patch(added.state, { op: "add", path: `/${name}/x`, value: 2 }), `{${key}:{"polluted":1,"x":2}}`);
    expectText(
      patch(added.state, { op: "copy", from: `/${name}`, path: "/b" }),
      `{${key}:{"polluted":1},"b":{"polluted":1}}`,
    );
    expectText(patch(added.state, { op: "move", from: `/${name}`, path: "/b" }), `{"b":{"polluted":1}}`);
    expectText(patch(added.state, { op: "remove", path: `/${name}` }), "{}");
    // Nothing is there until it is put there, however much every object inherits.
    for (const op of ["remove", "replace", "test"]) {
      expect(patch({}, { op, path: `/${name}`, value: 1 }).refused).toBe(`conflict /${name}`);
    }
    expect(patch({}, { op: "add", path: `/${name}/polluted`, value: 1 }).refused).toBe(`conflict /${name}/polluted`);
    expect(patch({ l: [] }, { op: "add", path: `/l/${name}/polluted`, value: 1 }).refused).toMatch(/^conflict/);
  });

  test("in an update", () => {
    const update = (state: Json, ...fields: unknown[]) => tryDocument(state, { type: "update", fields });
    expectText(update({}, { op: "put", path: `/${name}/polluted`, value: 1 }), `{${key}:{"polluted":1}}`);
    expectText(update({}, { op: "increment", path: `/${name}` }), `{${key}:1}`);
    expectText(update({}, { op: "union", path: `/${name}`, values: [1] }), `{${key}:[1]}`);
    expect(update({}, { op: "delete", path: `/${name}/x` }).ops).toEqual([]);
    expect(update({}, { op: "remove", path: `/${name}`, values: [1] }).ops).toEqual([]);
  });

  test("in a comparison", () => {
    const state = parse(`{"a":{${key}:{"x":1}}}`);
    const test = (value: string) =>
      tryDocument(state, parse(`{"type":"jsonPatch","patch":[{"op":"test","path":"/a","value":${value}}]}`)).refused;
    expect(test(`{${key}:{"x":1}}`)).toBeUndefined();
    expect(test(`{${key}:{"x":2}}`)).toBe("conflict /a");
    expect(test("{}")).toBe("conflict /a");
    expect(test(`{"y":1}`)).toBe("conflict /a");
  });
});

describe("keys that need escapes", () => {
  test.each([
    ["/a~1b", "a/b"],
    ["/~0", "~"],
    ["/~01", "~1"],
    ["/", ""],
    ["/\u0000", "\u0000"],
    ["/é", "é"],
    ["/\ud800", "\ud800"],
  ])("%j names %j", (path, key) => {
    const put = tryDocument({}, { type: "update", fields: [{ op: "put", path, value: 1 }] });
    expect(put.state).toEqual({ [key]: 1 });
    expect(JSON.parse(JSON.stringify(put.state))).toEqual(put.state);
    expect(tryDocument(put.state, { type: "jsonPatch", patch: [{ op: "remove", path }] }).state).toEqual({});
  });

  test.each(["a", "a/b", "/~", "/~2", "/a~", " "])("%j is no pointer", (path) => {
    expect(tryDocument({}, { type: "update", fields: [{ op: "put", path, value: 1 }] }).refused).toBe("bad_intent");
    expect(tryDocument({}, { type: "jsonPatch", patch: [{ op: "add", path, value: 1 }] }).refused).toBe("bad_intent");
  });
});

describe("depth", () => {
  const nested = (depth: number): Json => parse("[".repeat(depth) + "]".repeat(depth));
  const DEEP = nested(10_000);
  const DEEP_PATH = "/a".repeat(10_000);

  test.each<[string, unknown]>([
    ["set", { type: "set", value: DEEP }],
    ["merge", { type: "merge", value: { a: DEEP } }],
    ["mergePatch", { type: "mergePatch", patch: parse('{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)) }],
    ["add", { type: "jsonPatch", patch: [{ op: "add", path: "/a", value: DEEP }] }],
    ["test", { type: "jsonPatch", patch: [{ op: "test", path: "/a", value: DEEP }] }],
    ["put", { type: "update", fields: [{ op: "put", path: "/a", value: DEEP }] }],
    ["union", { type: "update", fields: [{ op: "union", path: "/a", values: [DEEP] }] }],
    ["a path that makes its way", { type: "update", fields: [{ op: "put", path: DEEP_PATH, value: 1 }] }],
  ])("D4 10,000 levels in %s", (_title, intent) => {
    expect(tryDocument({}, intent)).toEqual({
      state: {},
      ops: [],
      refused: expect.stringMatching(/^too_deep/) as string,
    });
  });

  test("a path of 10,000 tokens into what is not there", () => {
    for (const op of ["add", "remove", "replace", "test"]) {
      const patch = [{ op, path: DEEP_PATH, value: 1 }];
      expect(tryDocument({}, { type: "jsonPatch", patch }).refused).toMatch(/^conflict/);
    }
    expect(tryDocument({}, { type: "update", fields: [{ op: "delete", path: DEEP_PATH }] }).ops).toEqual([]);
  });

  test.each<[string, (depth: number) => unknown]>([
    ["set", (depth) => ({ type: "set", value: nested(depth) })],
    ["merge", (depth) => ({ type: "merge", value: { a: nested(depth - 1) } })],
    ["mergePatch", (depth) => ({ type: "mergePatch", patch: { a: { b: nested(depth - 2) } } })],
    ["add", (depth) => ({ type: "jsonPatch", patch: [{ op: "add", path: "/l/0", value: nested(depth - 2) }] })],
    ["put", (depth) => ({ type: "update", fields: [{ op: "put", path: "/x/y", value: nested(depth - 2) }] })],
    ["union", (depth) => ({ type: "update", fields: [{ op: "union", path: "/l", values: [nested(depth - 2)] }] })],
    ["path", (depth) => ({ type: "update", fields: [{ op: "put", path: "/x".repeat(depth), value: 1 }] })],
  ])("D4 the limit counts the way to the value: %s", (_title, intent) => {
    expect(tryDocument({ l: [] }, intent(8), { limits: { depth: 8 } }).refused).toBeUndefined();
    expect(tryDocument({ l: [] }, intent(9), { limits: { depth: 8 } }).refused).toMatch(/^too_deep/);
  });

  test("D4 moving and copying can deepen too", () => {
    const state = { a: nested(7), b: { c: {} } };
    for (const op of ["move", "copy"]) {
      const patch = [{ op, from: "/a", path: "/b/c/a" }];
      expect(tryDocument(state, { type: "jsonPatch", patch }, { limits: { depth: 10 } }).refused).toBeUndefined();
      expect(tryDocument(state, { type: "jsonPatch", patch }, { limits: { depth: 9 } }).refused).toBe("too_deep");
    }
  });

  test("what is beyond a limit that was lowered can be left alone or made smaller", () => {
    const state = { deep: nested(20), n: 1 };
    const limits = { depth: 5 };
    expect(tryDocument(state, { type: "merge", value: { n: 2 } }, { limits }).refused).toBeUndefined();
    expect(tryDocument(state, { type: "merge", value: { deep: 1 } }, { limits }).refused).toBeUndefined();
    expect(tryDocument(state, { type: "merge", value: { other: nested(5) } }, { limits }).refused).toBe("too_deep");
  });
});
