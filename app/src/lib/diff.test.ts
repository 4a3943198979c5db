import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentKind } from "../../../src/kinds/document/kind.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { Refusal } from "../../../src/protocol/refusal.ts";
import { align } from "./align.ts";
import { diff } from "./diff.ts";
import { type Json, equal } from "./json.ts";
import { merge } from "./merge.ts";
import { read, print, retext } from "./json-text.ts";

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    fc.constantFrom<Json>(null, true, 0, 1, 2, "", "a", "b/~c"),
    fc.array(tie("value"), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.constantFrom("a", "b", "id", "x/y", "m~n", "constructor"), tie("value")), { maxLength: 4 })
      .map((entries): Json => Object.fromEntries(entries)),
  ),
})).value;

/** As the room applies it. */
function applied(before: Json, patch: ReturnType<typeof diff>): Json {
  const context = { now: 0, id: () => "id", can: ["write"], seq: 1, limits: DEFAULT_LIMITS } as const;
  const ops = documentKind.decide(before, { type: "jsonPatch", patch }, context);
  if (ops instanceof Refusal) throw new Error(ops.message);
  return ops.reduce(documentKind.fold, before);
}

describe("diff", () => {
  test("its patch leads from one value to the other", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(applied(before, diff(before, after))).toEqual(after);
      }),
      { numRuns: 500 },
    );
  });

  test("says nothing when nothing changed, whatever the order of keys", () => {
    expect(diff({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toEqual([]);
  });

  test("names the one field that changed, deep inside", () => {
    const before = {
      team: [
        { id: 1, name: "Ana" },
        { id: 2, name: "Bo" },
      ],
      title: "x",
    };
    const after = {
      team: [
        { id: 1, name: "Ana" },
        { id: 2, name: "Bob" },
      ],
      title: "x",
    };
    expect(diff(before, after)).toEqual([{ op: "replace", path: "/team/1/name", value: "Bob" }]);
  });

  test("an insertion at the front of a list is one edit", () => {
    expect(diff([1, 2, 3], [0, 1, 2, 3])).toEqual([{ op: "add", path: "/0", value: 0 }]);
  });

  test("__proto__ is a key like any other", () => {
    const after = JSON.parse('{"__proto__":{"x":1}}') as Json;
    expect(diff({}, after)).toEqual([{ op: "add", path: "/__proto__", value: { x: 1 } }]);
  });
});

describe("align", () => {
  test("an edited element stays itself beside an insertion", () => {
    const before = [
      { id: "a", n: 1 },
      { id: "b", n: 1 },
    ];
    const after = [
      { id: "new", n: 0 },
      { id: "a", n: 1 },
      { id: "b", n: 2 },
    ];
    expect([...align(before, after)]).toEqual([1, 2]);
  });

  test("a list too long for the exact way pairs by its ends", () => {
    const long = Array.from({ length: 3000 }, (_, i) => i);
    expect([...align(long, [-1, ...long])].every((to, from) => to === from + 1)).toBe(true);
  });
});

describe("merge", () => {
  test("a side that changed nothing takes the other's", () => {
    fc.assert(
      fc.property(json, json, (base, other) => {
        expect(merge(base, base, other)).toEqual(other);
        expect(merge(base, other, base)).toEqual(other);
      }),
    );
  });

  test("both sides' fields are kept", () => {
    const base = { a: 1, b: { c: 1, d: 1 } };
    expect(merge(base, { a: 2, b: { c: 1, d: 1 } }, { a: 1, b: { c: 1, d: 2 }, e: 1 })).toEqual({
      a: 2,
      b: { c: 1, d: 2 },
      e: 1,
    });
  });

  test("an edit of a list element follows it past an insertion", () => {
    const base = [
      { id: 1, n: "one" },
      { id: 2, n: "two" },
    ];
    const mine = [
      { id: 1, n: "one" },
      { id: 2, n: "TWO" },
      { id: 3, n: "three" },
    ];
    const theirs = [{ id: 0, n: "zero" }, ...base];
    expect(merge(base, mine, theirs)).toEqual([
      { id: 0, n: "zero" },
      { id: 1, n: "one" },
      { id: 2, n: "TWO" },
      { id: 3, n: "three" },
    ]);
  });

  test("what one removed and the other left alone is gone", () => {
    expect(merge([1, 2, 3], [1, 3], [1, 2, 3, 4])).toEqual([1, 3, 4]);
  });
});

describe("retext", () => {
  function retexted(text: string, after: Json): string {
    const reading = read(text);
    if (!reading.ok) throw new Error("not JSON");
    let now = text;
    for (const step of retext(text, diff(reading.value, after), after)) {
      now = now.slice(0, step.from) + step.insert + now.slice(step.to);
    }
    return now;
  }

  test("the text says the new value", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const reading = read(retexted(print(before), after));
        expect(reading.ok && equal(reading.value, after)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("the layout that a person chose stays", () => {
    expect(retexted('{"a": [1,2],   "b":"x"}', { a: [1, 2], b: "xy" })).toBe('{"a": [1,2],   "b":"xy"}');
  });

  test("a renamed field stays in its place", () => {
    expect(retexted('{"a": [1,2],   "b":"x"}', { b: "x", c: [1, 2] })).toBe('{"c": [1,2],   "b":"x"}');
  });

  test("two changes far apart leave what lies between them alone", () => {
    const text = print({ a: 1, b: "long text between", c: 1 });
    const steps = retext(text, diff(JSON.parse(text) as Json, { a: 2, b: "long text between", c: 2 }), null);
    expect(steps.map((step) => step.insert)).toEqual(["2", "2"]);
  });
});
