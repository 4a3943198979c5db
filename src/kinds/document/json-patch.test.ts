import mainSuite from "json-patch-test-suite/tests.json";
import specSuite from "json-patch-test-suite/spec_tests.json";
import { describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { tryDocument } from "./try-document.ts";

interface Case {
  readonly comment?: string;
  readonly doc: Json;
  readonly patch: unknown;
  readonly expected?: Json;
  readonly error?: string;
  readonly disabled?: boolean;
}

/** Two `op` members in one object: JSON.parse keeps the last, so no reader of parsed JSON can tell. */
const UNTESTABLE = /has two 'op' members/;

function cases(suite: readonly object[]): [string, Case][] {
  return suite
    .filter((entry): entry is Case => "doc" in entry && "patch" in entry)
    .filter((entry) => entry.disabled !== true && !UNTESTABLE.test(entry.error ?? ""))
    .map((entry, index) => [`${index} ${entry.comment ?? entry.error ?? JSON.stringify(entry.patch)}`, entry]);
}

describe.each([
  ["json-patch-test-suite", cases(mainSuite)],
  ["the appendix of RFC 6902", cases(specSuite)],
])("%s", (_name, entries) => {
  test.each(entries.filter(([, { error }]) => error === undefined))("D2 %s", (_title, { doc, patch, expected }) => {
    const result = tryDocument(doc, { type: "jsonPatch", patch });
    expect(result.refused).toBeUndefined();
    // A record without an expectation only wants to be taken.
    expect(result.state).toEqual(expected ?? result.state);
  });

  test.each(entries.filter(([, { error }]) => error !== undefined))("D2 D3 %s", (_title, { doc, patch }) => {
    const result = tryDocument(doc, { type: "jsonPatch", patch });
    expect(result.refused).toMatch(/^(bad_intent|conflict)/);
    expect(result.state).toBe(doc);
  });
});

describe("what the suite leaves open", () => {
  const patch = (...operations: unknown[]): unknown => ({ type: "jsonPatch", patch: operations });

  test("D3 the whole list is refused with the path at fault", () => {
    const state = { a: 1, b: [0] };
    const tail = { op: "add", path: "/a", value: 9 };
    const refused = (path: string) => ({ state, ops: [], refused: `conflict ${path}` });
    expect(tryDocument(state, patch(tail, { op: "test", path: "/b/0", value: 1 }))).toEqual(refused("/b/0"));
    expect(tryDocument(state, patch(tail, { op: "remove", path: "/nope/x" }))).toEqual(refused("/nope/x"));
    expect(tryDocument(state, patch(tail, { op: "move", from: "/x", path: "/y" }))).toEqual(refused("/x"));
    expect(tryDocument(state, patch(tail, { op: "add", path: "/a/b", value: 1 }))).toEqual(refused("/a/b"));
  });

  test.each([
    ["the root cannot be removed", { op: "remove", path: "" }, "conflict "],
    ["nor moved into itself", { op: "move", from: "", path: "/a" }, "conflict /a"],
    ["nothing is moved into itself", { op: "move", from: "/o", path: "/o/x" }, "conflict /o/x"],
    ["a longer name is not inside", { op: "move", from: "/o", path: "/ox" }, undefined],
    ["an index has no leading zero", { op: "add", path: "/l/01", value: 1 }, "conflict /l/01"],
    ["nor an exponent", { op: "add", path: "/l/1e0", value: 1 }, "conflict /l/1e0"],
    ["nor a sign", { op: "add", path: "/l/-1", value: 1 }, "conflict /l/-1"],
    ["nor spaces", { op: "add", path: "/l/ 1", value: 1 }, "conflict /l/ 1"],
    ["nor does nothing count as one", { op: "add", path: "/l/", value: 1 }, "conflict /l/"],
    ["an index past the end", { op: "add", path: "/l/3", value: 1 }, "conflict /l/3"],
    [
      "an index past every array",
      { op: "add", path: `/l/${"9".repeat(400)}`, value: 1 },
      `conflict /l/${"9".repeat(400)}`,
    ],
    ["the end holds nothing to replace", { op: "replace", path: "/l/-", value: 1 }, "conflict /l/-"],
    ["nor to remove", { op: "remove", path: "/l/2" }, "conflict /l/2"],
    ["an array's length is no member", { op: "test", path: "/l/length", value: 2 }, "conflict /l/length"],
    ["a string has no members", { op: "test", path: "/s/0", value: "t" }, "conflict /s/0"],
  ])("D2 %s", (_title, operation, refused) => {
    const state = { o: {}, l: [1, 2], s: "text" };
    const result = tryDocument(state, patch(operation));
    expect(result.refused).toBe(refused);
    expect(result.state === state).toBe(refused !== undefined);
  });

  test("tests are not logged, and alone they change nothing", () => {
    const check = { op: "test", path: "/a", value: 1 };
    expect(tryDocument({ a: 1 }, patch(check)).ops).toEqual([]);
    expect(tryDocument({ a: 1 }, patch(check, { op: "add", path: "/b", value: 2 })).ops).toEqual([
      { type: "jsonPatch", patch: [{ op: "add", path: "/b", value: 2 }] },
    ]);
  });

  test("a copied branch is changed in one place only", () => {
    const result = tryDocument(
      { a: { deep: { n: 1 } }, other: {} },
      patch(
        { op: "add", path: "/a/deep/x", value: 1 },
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/deep/y", value: 2 },
        { op: "add", path: "/a/deep/z", value: 3 },
      ),
    );
    expect(result.state).toEqual({ a: { deep: { n: 1, x: 1, z: 3 } }, b: { deep: { n: 1, x: 1, y: 2 } }, other: {} });
  });

  test("a value of the patch is not changed by the patch", () => {
    const value = Object.freeze({ n: 1 });
    const result = tryDocument({}, patch({ op: "add", path: "/a", value }, { op: "add", path: "/a/m", value: 2 }));
    expect(result.state).toEqual({ a: { n: 1, m: 2 } });
    expect(value).toEqual({ n: 1 });
  });

  test("D4 copies that double the document are stopped before they do", () => {
    const bomb = Array.from({ length: 1000 }, () => ({ op: "copy", from: "", path: "/-" }));
    expect(tryDocument([], patch(...bomb)).refused).toBe("too_large /-");
  });
});
