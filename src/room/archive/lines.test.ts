import { expect, test } from "vitest";
import type { Ops } from "../../protocol/room/ops.ts";
import { linesOf, runsOf } from "./lines.ts";

function event(data: string, more: Readonly<Record<string, string>> = {}): unknown {
  return { type: "event", event: { data, ...more } };
}

const runs: readonly Ops[] = [
  {
    t: "ops",
    seq: 7,
    at: 1_000,
    entries: [
      { ops: [event('{"type":"view","path":"/"}', { visitor: "Yk3", id: 'a"},"data":1' })] },
      { by: 'x","data":', m: 3, user: "u", ops: [event('{ "data": {"data":1} }'), event('{"a":"\\n\u2028"}')] },
    ],
  },
  {
    t: "ops",
    seq: 10,
    at: 1_005,
    entries: [
      { ops: [event("{}")] },
      { ops: [event("{}"), { type: "chunk", text: ',"data":{}}' }, { type: "close" }] },
      { ops: [event('{"op":1,"op":{"data":2}}')] },
    ],
  },
  { t: "ops", seq: 15, at: 1_006, entries: [{ by: "x", m: 4, ops: [event('{"n":1.0,"n":12345678901234567890}')] }] },
];

test("K1 a run is the same after it was written and read, its events to the letter", () => {
  const lines = runs.flatMap((run) => [...linesOf(run)]);
  expect(lines).toHaveLength(9);
  expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
  expect(runsOf(lines.map((line) => line.slice(0, -1)))).toEqual(runs);
});

test("K4 reading may begin amid what was written together", () => {
  const lines = runs.flatMap((run) => [...linesOf(run)]).map((line) => line.slice(0, -1));
  expect(runsOf(lines.slice(2, 3))).toEqual([
    {
      t: "ops",
      seq: 9,
      at: 1_000,
      entries: [{ by: 'x","data":', m: 3, user: "u", ops: [event('{"a":"\\n\u2028"}')] }],
    },
  ]);
});

test("K1 each line is JSON that any tool reads", () => {
  const [line = ""] = [...linesOf({ t: "ops", seq: 1, at: 5, entries: [{ ops: [event('{"type":"view"}')] }] })];
  expect(JSON.parse(line)).toEqual({ seq: 1, at: 5, data: { type: "view" } });
});

test.each([
  ["half of one", ['{"seq":1,"at":5,"data":{"type":"vi']],
  ["a gap", ['{"seq":1,"at":5,"data":{}}', '{"seq":3,"at":5,"data":{}}']],
])("a text with %s is not taken for an archive", (_, lines) => {
  expect(() => runsOf(lines)).toThrow(/archive/);
});
