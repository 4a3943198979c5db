import { describe, expect, test } from "vitest";
import { documentIntents } from "./intents.ts";

/** The intent again as text, or where each fault lies. */
function check(intent: unknown): string | readonly string[] {
  const result = documentIntents["~standard"].validate(intent);
  if (result instanceof Promise) throw new Error("The schema must answer at once.");
  if (result.issues === undefined) return JSON.stringify(result.value);
  return result.issues.map(({ path }) =>
    (path ?? []).map((item) => `/${String(typeof item === "object" ? item.key : item)}`).join(""),
  );
}

describe("documentIntents", () => {
  test.each([
    '{"type":"set","value":null}',
    '{"type":"set","value":{"__proto__":{"a":{"__proto__":1}},"constructor":{"prototype":[]}}}',
    '{"type":"merge","value":{"__proto__":1}}',
    '{"type":"mergePatch","patch":{"a":null,"__proto__":null}}',
    '{"type":"mergePatch","patch":7}',
    '{"type":"jsonPatch","patch":[]}',
    '{"type":"jsonPatch","patch":[{"op":"add","path":"","value":{"__proto__":1}},{"op":"test","path":"/~0~1","value":null}]}',
    '{"type":"jsonPatch","patch":[{"op":"move","from":"/a","path":"/b"},{"op":"remove","path":"/__proto__"}]}',
    '{"type":"update","fields":[{"op":"increment","path":"/a"},{"op":"increment","path":"/a","by":-1.5}]}',
    '{"type":"update","fields":[{"op":"union","path":"/a","values":[{"__proto__":1}]},{"op":"remove","path":"","values":[]}]}',
    '{"type":"update","fields":[{"op":"delete","path":"/a"},{"op":"serverTime","path":"/a"},{"op":"put","path":"/a","value":[]}]}',
  ])("takes %s, and loses nothing of it", (text) => {
    expect(check(JSON.parse(text))).toBe(text);
  });

  test.each([
    ["null", ""],
    ["[]", "/type"],
    ["{}", "/type"],
    ['{"type":"increment"}', "/type"],
    ['{"__proto__":{"type":"set","value":1}}', "/type"],
    ['{"type":"set"}', "/value"],
    ['{"type":"set","value":1,"extra":1}', "/extra"],
    ['{"type":"set","value":1,"__proto__":{}}', "/__proto__"],
    ['{"type":"set","value":{"a":[0,{"b":1e999}]}}', "/value/a/1/b"],
    ['{"type":"merge","value":[]}', "/value"],
    ['{"type":"merge","value":null}', "/value"],
    ['{"type":"mergePatch","value":{}}', "/patch", "/value"],
    ['{"type":"mergePatch","patch":{"a":-1e999}}', "/patch/a"],
    ['{"type":"jsonPatch","patch":{}}', "/patch"],
    ['{"type":"jsonPatch","patch":[{"op":"spam","path":""}]}', "/patch/0/op"],
    ['{"type":"jsonPatch","patch":[{"op":"add","path":"/a"}]}', "/patch/0/value"],
    ['{"type":"jsonPatch","patch":[{"op":"remove"}]}', "/patch/0/path"],
    ['{"type":"jsonPatch","patch":[{"op":"remove","path":"a"}]}', "/patch/0/path"],
    ['{"type":"jsonPatch","patch":[{"op":"copy","path":"/a"}]}', "/patch/0/from"],
    ['{"type":"jsonPatch","patch":[{"op":"copy","path":"/a","from":"/~"}]}', "/patch/0/from"],
    ['{"type":"jsonPatch","patch":[{"op":"test","path":"/a","value":[1e999]}]}', "/patch/0/value/0"],
    ['{"type":"update","fields":[{"op":"increment","path":"/a","by":"1"}]}', "/fields/0/by"],
    ['{"type":"update","fields":[{"op":"increment","path":"/a","by":1e999}]}', "/fields/0/by"],
    ['{"type":"update","fields":[{"op":"increment","path":"/a","step":1}]}', "/fields/0/step"],
    ['{"type":"update","fields":[{"op":"union","path":"/a"}]}', "/fields/0/values"],
    ['{"type":"update","fields":[{"op":"remove","path":"/a","values":{}}]}', "/fields/0/values"],
    ['{"type":"update","fields":[{"op":"put","path":"/a","value":{"x":[1e999]}}]}', "/fields/0/value/x/0"],
    ['{"type":"update","fields":[{"op":"delete","path":5}]}', "/fields/0/path"],
  ])("refuses %s at %s", (text, ...paths) => {
    expect(check(JSON.parse(text))).toEqual(paths);
  });

  test("members that RFC 6902 does not know are ignored and not kept", () => {
    const intent = JSON.parse(
      '{"type":"jsonPatch","patch":[{"op":"remove","path":"/a","value":1,"__proto__":2}]}',
    ) as unknown;
    expect(check(intent)).toBe('{"type":"jsonPatch","patch":[{"op":"remove","path":"/a"}]}');
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["NaN", Number.NaN],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["a hole", Array.from({ length: 2 })],
  ])("refuses %s, which is no JSON, wherever it is", (_title, value) => {
    expect(check({ type: "set", value: { a: [value] } })).not.toBeTypeOf("string");
  });

  test("a value goes through as it is, unread beyond the check, however deep", () => {
    const value: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
    const result = documentIntents["~standard"].validate({ type: "set", value });
    expect(result).toMatchObject({ value: { type: "set" } });
    expect("value" in result && (result.value as { value: unknown }).value === value).toBe(true);
  });
});
