import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { documentKind } from "./kind.ts";
import { tryDocument } from "./try-document.ts";
import { wild } from "./arbitraries.ts";

const bytes = (value: Json): number => new TextEncoder().encode(JSON.stringify(value)).length;

describe("limits.stateBytes", () => {
  test.each<[string, Json, unknown]>([
    ["set", {}, { type: "set", value: { a: "é€😀\ud800\n" } }],
    ["merge", { a: 1, b: "x" }, { type: "merge", value: { c: [] } }],
    ["merge patch", { a: { b: 1 } }, { type: "mergePatch", patch: { a: { c: { d: "e" } } } }],
    ["add", { l: [1, 2] }, { type: "jsonPatch", patch: [{ op: "add", path: "/l/1", value: { ü: null } }] }],
    ["copy", { l: [1, 2] }, { type: "jsonPatch", patch: [{ op: "copy", from: "/l", path: "/l/0" }] }],
    ["put", {}, { type: "update", fields: [{ op: "put", path: "/a/b", value: -1.5e300 }] }],
    ["increment", { n: 99 }, { type: "update", fields: [{ op: "increment", path: "/n" }] }],
    ["union", { l: [1] }, { type: "update", fields: [{ op: "union", path: "/l", values: ["x"] }] }],
  ])("D4 %s fits to the byte", (_title, state, intent) => {
    const expected = tryDocument(state, intent).state;
    const stateBytes = bytes(expected);
    expect(tryDocument(state, intent, { limits: { stateBytes } }).state).toEqual(expected);
    const refused = tryDocument(state, intent, { limits: { stateBytes: stateBytes - 1 } });
    expect(refused.refused).toMatch(/^too_large/);
    expect(refused.state).toBe(state);
  });

  test("what is over a limit that was lowered may shrink", () => {
    const state = { a: "x".repeat(100), b: "y".repeat(100) };
    const limits = { stateBytes: 50 };
    expect(tryDocument(state, { type: "mergePatch", patch: { a: null } }, { limits }).refused).toBeUndefined();
    expect(tryDocument(state, { type: "mergePatch", patch: { c: 1 } }, { limits }).refused).toBe("too_large");
  });

  test("D4 the size that is carried along is the true size, after any intents", () => {
    fc.assert(
      fc.property(wild.jsonObject, fc.gen(), (start, gen) => {
        let state: Json = start;
        const context = { now: 1, id: () => "", can: [], seq: 1, limits: DEFAULT_LIMITS };
        for (let step = 0; step < 8; step += 1) {
          const intent = gen(wild.intentFor, state);
          const ops = documentKind.decide(state, intent, context);
          if (ops instanceof Refusal) continue;
          // Folding what was logged, rather than what was decided, must carry it as well.
          const logged = step % 2 === 0 ? ops : structuredClone(ops);
          state = logged.reduce(documentKind.fold, state);
          const grow = { op: "put", path: "", value: [state, "more"] } as const;
          const larger = bytes(grow.value);
          const decide = (stateBytes: number) =>
            documentKind.decide(
              state,
              { type: "update", fields: [grow] },
              { ...context, limits: { ...DEFAULT_LIMITS, stateBytes } },
            );
          expect(decide(larger)).not.toBeInstanceOf(Refusal);
          expect(decide(larger - 1)).toMatchObject({ code: "too_large" });
        }
      }),
      { numRuns: 150 },
    );
  });
});
