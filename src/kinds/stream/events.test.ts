import { expect, test } from "vitest";
import { Refusal } from "../../protocol/refusal.ts";
import { readEvent, readEvents } from "./events.ts";
import { parseFrom } from "./from.ts";
import { itemsOf, onOneLine } from "./split.ts";

/** Lists in one another. */
function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

test("B1 the items of a list are what was written", () => {
  const items = ['{"a":1.0}', '{ "b" : "x,]}\\"" }', '{"c":[1,{"d":[]}],"d":{}}', '{"e":"[{"}', "{}"];
  expect(itemsOf(` [${items.join(" ,\n ")} ] `)).toEqual(items);
  expect(itemsOf("[]")).toEqual([]);
  expect(itemsOf('[{\n  "a": 1\r\n}]')).toEqual(['{   "a": 1 }']);
});

test("B1 a line break between tokens becomes a space, one in a string is an escape and stays", () => {
  expect(onOneLine('{"a":\n"x\\ny"}\n')).toBe('{"a": "x\\ny"}');
});

test("B2 an id is read, and only where it is a string", () => {
  expect(readEvent('{"id":"e1"}')).toMatchObject({ event: { data: '{"id":"e1"}', id: "e1" } });
  expect(readEvent('{"id":7}')).toMatchObject({ event: { data: '{"id":7}' } });
  expect(readEvent('{"id":""}')).toMatchObject({ code: "bad_message" });
  expect(readEvent(`{"id":"${"x".repeat(129)}"}`)).toMatchObject({ code: "bad_message" });
});

test("B1 lines are read, empty ones passed over, the text kept", () => {
  const read = readEvents('{"a":1.0}\r\n\n {"b":2} \n');
  expect(read instanceof Refusal ? read : read.map(({ event }) => event.data)).toEqual(['{"a":1.0}', '{"b":2}']);
});

test.each([
  ["half a line", '{"a":1}\n{"b":', [[2, "bad_json"]]],
  [
    "several",
    'x\n{"a":1}\n[]\n"b"',
    [
      [1, "bad_json"],
      [3, "bad_message"],
      [4, "bad_message"],
    ],
  ],
  ["too large", `{"a":"${"é".repeat(40_000)}"}`, [[1, "too_large"]]],
  ["too deep", `{}\n{"a":${nested(64)}}\n{"a":${nested(63)}}`, [[2, "too_deep"]]],
  ["deeper than any stack", `{"a":${nested(32_000)}}`, [[1, "too_deep"]]],
])("B4 %s: the lines at fault", (_, text, faults) => {
  const refusal = readEvents(text);
  if (!(refusal instanceof Refusal)) throw new Error("taken");
  expect(refusal.place.lines?.map(({ line, code }) => [line, code])).toEqual(faults);
  expect(refusal.code).toBe(faults[0]?.[1]);
});

test("B4 a batch over its limits", () => {
  expect(readEvents(`{"a":"${"x".repeat(1024 * 1024)}"}`)).toMatchObject({ code: "too_large", place: {} });
  expect(readEvents("{}\n".repeat(10_001))).toMatchObject({ code: "too_large", place: {} });
  expect(readEvents("{}\n".repeat(10_000))).toHaveLength(10_000);
});

test.each([
  ["now", "now"],
  ["start", "start"],
  ["last:100", { last: 100 }],
  ["1795000000000", { at: 1_795_000_000_000 }],
  ["2026-11-21T10:00:00Z", { at: Date.UTC(2026, 10, 21, 10) }],
  ["k3x9.41", { after: "k3x9.41" }],
  ["", "bad_request"],
  ["last:-1", "bad_request"],
  ["last:99999999", "bad_request"],
  ["yesterday", "bad_request"],
  ["2026-99-99", "bad_request"],
  ["K.1", "bad_request"],
])("B3 from %s", (text, expected) => {
  const from = parseFrom(text);
  expect(from instanceof Refusal ? from.code : from).toEqual(expected);
});

test.each(['{"a":1,\r"b":2}', '\r{"a":1,\r\r"b":2}\r', '{"a":1,\n"b":2}\r\n'])(
  "B1 a line break between the tokens of %j is a space",
  (text) => {
    const read = readEvent(text);
    expect(read instanceof Refusal ? read : read.event.data).toBe('{"a":1, "b":2}');
  },
);
