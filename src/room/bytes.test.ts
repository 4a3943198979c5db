import { expect, test } from "vitest";
import { overBytes } from "./admit.ts";
import { utf8Length } from "./bytes.ts";

const encoder = new TextEncoder();

test.each([
  ["nothing", ""],
  ["ASCII", "abc"],
  ["two bytes a unit", "äöü"],
  ["three bytes a unit", "€".repeat(30_000)],
  ["four bytes a pair", "🙂".repeat(50_000)],
  ["pairs across the buffer's end", `a${"🙂".repeat(50_000)}`],
  ["half a pair", "a\ud83d"],
  ["halves, many", "\ud83d".repeat(40_000)],
  ["controls", "\u0000\u0001"],
  ["200,000 of ASCII", "x".repeat(200_000)],
])("the length in bytes of %s is the encoding's", (_, text) => {
  expect(utf8Length(text)).toBe(encoder.encode(text).length);
});

test.each([
  ["abc", 3, false],
  ["abcd", 3, true],
  ["€", 3, false],
  ["€", 2, true],
  ["€€", 5, true],
  ["€€", 6, false],
  ["", 0, false],
])("A1 A4 %j against a limit of %i bytes", (text, limit, over) => {
  expect(overBytes(text, limit)).toBe(over);
});
