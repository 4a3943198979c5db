import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { equal } from "../json/equal.ts";
import { wild } from "./arbitraries.ts";
import { documentKind } from "./kind.ts";
import { simplify, type SimplePatch } from "./simplify.ts";
import type { DocumentOp } from "./types.ts";

function simple(before: Json, op: DocumentOp): string {
  return JSON.stringify(simplify({ op, before, after: documentKind.fold(before, op) }));
}

describe("simplify", () => {
  test.each<[string, Json, DocumentOp, string]>([
    ["a set as it is", { a: 1 }, { type: "set", value: [1] }, '{"op":"set","value":[1]}'],
    [
      "a merge as it is",
      { a: 1, b: 1 },
      { type: "merge", value: { a: 1, c: 2 } },
      '{"op":"merge","value":{"a":1,"c":2}}',
    ],
    [
      "an increment",
      { n: { m: 1 }, o: {} },
      { type: "update", fields: [{ op: "increment", path: "/n/m" }] },
      '{"op":"merge","value":{"n":{"m":2}}}',
    ],
    [
      "a nested removal",
      { a: { b: 1, c: 2 }, d: 1 },
      { type: "mergePatch", patch: { a: { b: null } } },
      '{"op":"merge","value":{"a":{"c":2}}}',
    ],
    [
      "a key that went away",
      { a: 1, b: 2 },
      { type: "mergePatch", patch: { a: null, c: 3 } },
      '{"op":"set","value":{"b":2,"c":3}}',
    ],
    [
      "a move at the top",
      { a: 1 },
      { type: "jsonPatch", patch: [{ op: "move", from: "/a", path: "/b" }] },
      '{"op":"set","value":{"b":1}}',
    ],
    [
      "a state that is no object",
      [1],
      { type: "jsonPatch", patch: [{ op: "add", path: "/-", value: 2 }] },
      '{"op":"set","value":[1,2]}',
    ],
    ["a state that becomes one", 1, { type: "mergePatch", patch: { a: 1 } }, '{"op":"set","value":{"a":1}}'],
    [
      "a key named __proto__",
      {},
      { type: "update", fields: [{ op: "put", path: "/__proto__", value: 1 }] },
      '{"op":"merge","value":{"__proto__":1}}',
    ],
  ])("W2 %s", (_title, before, op, expected) => {
    expect(simple(before, op)).toBe(expected);
  });

  test("W3 a simple client follows any history", () => {
    const context = { now: 1, id: () => "", can: [], seq: 1, limits: DEFAULT_LIMITS };
    fc.assert(
      fc.property(wild.jsonObject, fc.gen(), (start, gen) => {
        let state: Json = start;
        let mirror: Json = start;
        for (let count = 0; count < 5; count += 1) {
          const ops = documentKind.decide(state, gen(wild.intentFor, state), context);
          if (ops instanceof Refusal) continue;
          for (const op of ops) {
            const after = documentKind.fold(state, op);
            mirror = follow(mirror, JSON.parse(JSON.stringify(simplify({ op, before: state, after }))) as SimplePatch);
            state = after;
          }
          expect(equal(mirror, state)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** All that a simple client does: replace, or assign the top-level keys. */
function follow(value: Json, patch: SimplePatch): Json {
  return patch.op === "set" ? patch.value : { ...(value as object), ...patch.value };
}
