import { expect, test } from "vitest";
import { defineKind } from "../kinds/kind.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { Filters } from "./filters.ts";

const letters = defineKind<null, string, string>({
  name: "letters",
  version: 1,
  initial: () => null,
  decide: (_, intent) => [intent],
  fold: () => null,
  filter: (text) => (/^[a-z]*$/.test(text) ? (op) => text.includes(op) : refuse("bad_request", "Letters only.")),
});

function apply(entries: readonly object[], filter: string): unknown {
  const body = JSON.stringify({ t: "ops", seq: 7, at: 1, entries });
  return (JSON.parse(new Filters(letters).apply(body, filter)) as { entries: unknown }).entries;
}

test.each([
  [[{ ops: ["a", "b", "c", "a"] }], "a", [{ ops: ["a"], skip: 2 }, { ops: ["a"] }]],
  [[{ ops: ["b"] }, { ops: ["c", "c"] }, { ops: ["a"] }], "a", [{ ops: [], skip: 3 }, { ops: ["a"] }]],
  [[{ ops: ["a"] }, { user: "u", ops: ["b"] }], "a", [{ ops: ["a"], skip: 1 }]],
  [[{ by: "x", m: 1, ops: ["b", "b"] }, { ops: ["b"] }], "a", [{ by: "x", m: 1, ops: [], skip: 3 }]],
  [
    [{ ops: ["b"] }, { by: "x", m: 1, ops: ["b", "a", "b", "a"] }],
    "a",
    [
      { ops: [], skip: 1 },
      { by: "x", m: 1, ops: [], skip: 1 },
      { by: "x", m: 1, ops: ["a"], skip: 1 },
      { by: "x", m: 1, ops: ["a"] },
    ],
  ],
  [[{ by: "x", ops: ["a", "b"] }], "ab", [{ by: "x", ops: ["a", "b"] }]],
])("B5 what is withheld of %j by %s is counted in its place", (entries, filter, left) => {
  expect(apply(entries, filter)).toEqual(left);
});

test("B5 a kind without filters, and a filter that is none, are refused", () => {
  const { filter: _, ...plain } = letters;
  expect(new Filters(plain).check("a")).toBeInstanceOf(Refusal);
  expect(new Filters(letters).check("A")).toMatchObject({ code: "bad_message", message: "Letters only." });
  expect(new Filters(letters).check("a")).toBeUndefined();
});
