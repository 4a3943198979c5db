import { expect, test } from "vitest";
import { RoomcastError } from "./errors.ts";
import { byteLength, jsonText } from "./json.ts";

class Point {
  x = 1;
}
const cycle: Record<string, unknown> = {};
cycle["self"] = { again: cycle };
const shared = { a: 1 };

test.each<readonly [string, unknown, string, string]>([
  ["NaN", { value: { x: NaN } }, "/value/x", "NaN"],
  ["Infinity", [1, -Infinity], "/1", "-Infinity"],
  ["undefined in an object", { a: { b: undefined } }, "/a/b", "undefined"],
  ["undefined in an array", [[undefined]], "/0/0", "undefined"],
  ["a hole in an array", Array(2), "/0", "undefined"],
  ["nothing at all", undefined, "", "undefined"],
  ["a function", { f: () => 1 }, "/f", "Function"],
  ["a method that JSON would call", { toJSON: () => 1 }, "/toJSON", "Function"],
  ["a symbol", { s: Symbol("s") }, "/s", "Symbol"],
  ["a symbol as key", { a: { [Symbol("s")]: 1 } }, "/a", "Object"],
  ["a bigint", { n: 1n }, "/n", "BigInt"],
  ["a Date", { at: new Date(0) }, "/at", "Date"],
  ["a Map", { m: new Map() }, "/m", "Map"],
  ["a Set", { m: new Set() }, "/m", "Set"],
  ["a typed array", { m: new Uint8Array(1) }, "/m", "Uint8Array"],
  ["an error", { m: new TypeError() }, "/m", "TypeError"],
  ["a boxed number", { m: Object(1) as object }, "/m", "Number"],
  ["an instance of a class", { p: new Point() }, "/p", "Point"],
  ["an object that contains itself", cycle, "/self/again", "Converting circular structure to JSON"],
  ["a key that a pointer escapes", { "a/b~c": NaN }, "/a~1b~0c", "NaN"],
])("refused with its path: %s", (_, value, path, found) => {
  const refusal = {
    code: "bad_intent",
    path,
    intent: 2,
    message: `Not JSON${path && ` at ${path}`}: ${found}. Send plain JSON values.`,
  };
  expect(() => jsonText(value, { intent: 2 })).toThrow(expect.objectContaining(refusal) as RoomcastError);
});

test.each<readonly [string, unknown]>([
  ["plain values", { a: null, b: [true, "x", 1.5, {}] }],
  ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
  ["the same object twice, side by side", [shared, shared]],
  ["a key named __proto__", JSON.parse('{"__proto__":{"a":1}}')],
])("passes: %s", (_, value) => {
  expect(jsonText(value)).toBe(JSON.stringify(value));
});

test("-0 passes as 0", () => {
  expect(jsonText({ x: -0 })).toBe('{"x":0}');
});

test("nesting that nothing can follow is refused rather than a crash", () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(() => jsonText(deep)).toThrow(RoomcastError);
});

test("the size of JSON text is that of its UTF-8", () => {
  for (const text of ["", "abc", "é", "€", "😀", '"\\ud800"']) {
    expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
  }
});
