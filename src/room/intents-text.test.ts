import { expect, test } from "vitest";
import { codeOf } from "./errors.ts";
import { intentsText } from "./intents-text.ts";

const own: unknown[] = [];
own.push({ type: "merge", value: own });

test.each<[string, unknown]>([
  ["NaN", { x: NaN }],
  ["an infinite number", { x: [Infinity] }],
  ["undefined", { x: undefined }],
  ["a date", { x: new Date(0) }],
  ["a map", { x: new Map() }],
  ["a bigint", { x: 1n }],
  ["a function", { x: () => 1 }],
  ["what holds itself", own],
])("D4 the server's own write of %s is refused, rather than changed on the way", (_, value) => {
  let thrown: unknown;
  try {
    intentsText([{ type: "merge", value }]);
  } catch (error) {
    thrown = error;
  }
  expect(codeOf(thrown)).toBe("bad_intent");
});

test("intents that are JSON are their text", () => {
  const intents = [{ type: "set", value: { a: [1, null, "\ud800"] } }];
  expect(intentsText(intents)).toBe(JSON.stringify(intents));
});
