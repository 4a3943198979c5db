import { expect, test } from "vitest";
import { Refusal } from "../../protocol/refusal.ts";
import { readBatch, siteOf } from "./batch.ts";

/** The lines at fault, or what the whole body is refused for. */
function faults(text: string, type?: string): readonly number[] | string {
  const read = readBatch(text, type);
  if (!(read instanceof Refusal)) return [];
  return read.place.lines?.map(({ line }) => line) ?? read.message;
}

test.each([
  ["half a line at the end", '{"n":1}\n{"n":', [2]],
  ["half a line at the beginning", '":1}\n{"n":2}', [1]],
  ["half a line in between", '{"n":1}\n{"n"\n\n{"n":3}\n{', [2, 5]],
  ["line ends of Windows", '{"n":1}\r\n{"n"\r\n', [2]],
  ["two events that lost their line end", '{"n":1}{"n":2}', "The body is not JSON."],
  ["an event over several lines, cut off", '{\n  "n": 1,\n  "m": 2\n', "The body is not JSON."],
  ["a list over several lines, cut off", '[\n{"n":1},\n{"n":2}\n', "The body is not JSON."],
])("B4 %s is named, whether or not the body says that it is lines", (_, text, expected) => {
  expect(faults(text)).toEqual(expected);
});

test("B4 a body that says it is lines is read as nothing else", () => {
  expect(faults('[{"n":1},\n{"n":2}]', "application/x-ndjson")).toEqual([1, 2]);
  expect(faults('{"n":', "application/x-ndjson")).toEqual([1]);
});

test("B4 a site that no address could name is refused", () => {
  const batch = readBatch('{"siteId":"\\ud800"}', undefined);
  expect(batch instanceof Refusal ? undefined : siteOf(batch)).toMatchObject({ code: "bad_room_id" });
});
