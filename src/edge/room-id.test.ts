import { describe, expect, test } from "vitest";
import { Refusal } from "../protocol/refusal.ts";
import { decodeRoomId, decodeSegment } from "./room-id.ts";

describe("decodeRoomId", () => {
  test.each([
    ["notes", "notes"],
    ["a%20b", "a b"],
    ["a%2Fb", "a/b"],
    ["%25", "%"],
    ["%2525", "%25"],
    ["caf%C3%A9", "café"],
    ["%F0%9F%90%9D", "\u{1F41D}"],
    ["__proto__", "__proto__"],
    ["x".repeat(256), "x".repeat(256)],
    ["%F0%9F%90%9D".repeat(256), "\u{1F41D}".repeat(256)],
    ["a+b", "a+b"],
  ])("%s is an id", (raw, id) => expect(decodeRoomId(raw)).toBe(id));

  test.each([
    ["empty", ""],
    ["a step", "."],
    ["a step back", "%2e."],
    ["a lone percent", "%"],
    ["half an escape", "a%2"],
    ["not hexadecimal", "%zz"],
    ["not UTF-8", "%ff"],
    ["a surrogate in UTF-8", "%ED%A0%80"],
    ["overlong", "%C0%AF"],
    ["NUL", "%00"],
    ["a line end", "a%0Ab"],
    ["DEL", "%7F"],
    ["a C1 control", "%C2%85"],
    ["257 characters", "x".repeat(257)],
    ["257 characters of four bytes", "%F0%9F%90%9D".repeat(257)],
  ])("%s is refused", (_, raw) => {
    const refused = decodeRoomId(raw);
    expect(refused).toBeInstanceOf(Refusal);
    expect((refused as Refusal).code).toBe("bad_room_id");
  });
});

test("decodeSegment answers undefined for what it cannot decode", () => {
  expect(decodeSegment("v%201")).toBe("v 1");
  expect(decodeSegment("%E0%A4")).toBeUndefined();
});
