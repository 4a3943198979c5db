import { describe, expect, test } from "vitest";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import type { Json } from "../../protocol/json.ts";
import type { DocumentOp } from "../../kinds/document/types.ts";
import type { DialectEvent, Once, Step } from "../dialect.ts";
import { jsonDocument, parseSimplePatch } from "./index.ts";

const step = (event: DialectEvent<Json, DocumentOp>): Step<null> => jsonDocument.step(jsonDocument.start, event);
const view = { state: {}, roster: [] };
const frame = (data: string | ArrayBuffer): Step<null> => step({ type: "frame", data, ...view });

/** As the room makes it: for one event, shared by all its connections. */
function once(): Once {
  let made: readonly string[] | undefined;
  return (make) => (made ??= make());
}

describe("what a simple client hears", () => {
  test("W1 a snapshot at once", () => {
    expect(step({ type: "open", params: {}, by: "ada", ...view })).toEqual({
      session: null,
      frames: ['{"type":"snapshot","value":{}}'],
      commands: [],
    });
  });

  test("W1 W2 one patch frame an op, the same text for every connection", () => {
    const run = {
      seq: 5,
      changes: [
        { op: { type: "merge", value: { a: 1 } }, before: {}, after: { a: 1 } },
        { op: { type: "update", fields: [{ op: "increment", path: "/a" }] }, before: { a: 1 }, after: { a: 2 } },
        { op: { type: "mergePatch", patch: { a: null } }, before: { a: 2 }, after: {} },
      ],
      once: once(),
    } as const;
    const first = step({ type: "run", run });
    expect(first.frames).toEqual([
      '{"type":"patch","patch":{"op":"merge","value":{"a":1}}}',
      '{"type":"patch","patch":{"op":"merge","value":{"a":2}}}',
      '{"type":"patch","patch":{"op":"set","value":{}}}',
    ]);
    expect(step({ type: "run", run }).frames).toBe(first.frames);
  });

  test("W5 a fresh snapshot when the history is replaced", () => {
    expect(step({ type: "reset", state: { a: 1 }, once: once() }).frames).toEqual([
      '{"type":"snapshot","value":{"a":1}}',
    ]);
  });

  test("why the room refused", () => {
    const refusal = refuse("too_large", "Too much.", { path: "/a" });
    expect(step({ type: "refused", refusal }).frames).toEqual([
      '{"type":"error","error":"Too much.","code":"too_large","path":"/a"}',
    ]);
  });
});

describe("what a simple client says", () => {
  test.each([
    ['{"type":"patch","patch":{"op":"merge","value":{"a":1}}}', "merge", '{"a":1}'],
    ['{"op":"merge","value":{"a":1}}', "merge", '{"a":1}'],
    ['{"op":"set","value":{}}', "set", "{}"],
    ['{"op":"set","value":{"__proto__":{"x":1}},"extra":true}', "set", '{"__proto__":{"x":1}}'],
    ['{"type":"patch","id":7,"patch":{"op":"set","value":{"a":null},"by":"me"}}', "set", '{"a":null}'],
  ])("W4 %s", (text, type, value) => {
    const { frames, commands } = frame(text);
    expect(frames).toEqual([]);
    expect(JSON.stringify(commands)).toBe(`[{"do":"mutate","intents":[{"type":"${type}","value":${value}}]}]`);
  });

  test.each([
    ["", "bad_json"],
    ["not json", "bad_json"],
    ['{"op":"merge","value":{"a":1}', "bad_json"],
    ["null", "bad_message"],
    ["[]", "bad_message"],
    ["7", "bad_message"],
    ['{"type":"snapshot","value":{}}', "bad_message"],
    ['{"type":null,"op":"set","value":{}}', "bad_message"],
    ['{"type":"patch"}', "bad_intent"],
    ['{"type":"patch","patch":null}', "bad_intent"],
    ['{"type":"patch","patch":[]}', "bad_intent"],
    ['{"type":"patch","op":"set","value":{}}', "bad_intent"],
    ["{}", "bad_intent"],
    ['{"op":"set"}', "bad_intent"],
    ['{"op":"set","value":null}', "bad_intent"],
    ['{"op":"set","value":[1]}', "bad_intent"],
    ['{"op":"merge","value":"text"}', "bad_intent"],
    ['{"op":"delete","value":{}}', "bad_intent"],
    ['{"op":"__proto__","value":{}}', "bad_intent"],
    ['{"__proto__":{"op":"set","value":{}}}', "bad_intent"],
    ['{"op":"set","__proto__":{"value":{}}}', "bad_intent"],
    ["[".repeat(10_000) + "]".repeat(10_000), "bad_message"],
    ["[".repeat(10_000), "bad_json"],
  ])("W4 %s is answered by %s and nothing else happens", (text, code) => {
    const { session, frames, commands } = frame(text);
    expect({ session, commands }).toEqual({ session: null, commands: [] });
    expect(frames).toHaveLength(1);
    expect(JSON.parse(frames[0] ?? "")).toMatchObject({ type: "error", code });
    expect(frames[0]).toMatch(/"error":".+\.","code"/);
  });

  test("W4 binary frames are refused", () => {
    const { frames, commands } = frame(new ArrayBuffer(8));
    expect(commands).toEqual([]);
    expect(JSON.parse(frames[0] ?? "")).toMatchObject({ type: "error", code: "bad_message" });
  });
});

describe("parseSimplePatch", () => {
  test("gives an intent, or a refusal with its place", () => {
    const value = { a: 1 };
    expect(parseSimplePatch({ op: "merge", value })).toEqual({ type: "merge", value });
    expect(parseSimplePatch("text")).toBeInstanceOf(Refusal);
    expect(parseSimplePatch({ op: "add", value })).toMatchObject({ code: "bad_intent", place: { path: "/op" } });
    expect(parseSimplePatch({ op: "set", value: 1 })).toMatchObject({ code: "bad_intent", place: { path: "/value" } });
  });
});
