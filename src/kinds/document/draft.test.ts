import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { replay } from "../../testing/index.ts";
import { compare, noDifference } from "../json/measure.ts";
import { COPIED_MEMBER } from "../json/work.ts";
import { Working } from "../working.ts";
import { wild } from "./arbitraries.ts";
import { DocumentDraft } from "./draft.ts";
import { documentKind } from "./kind.ts";
import type { DocumentIntent, DocumentOp } from "./types.ts";

const context = { now: 1_700_000_000_000, id: () => "", can: [], seq: 1, limits: DEFAULT_LIMITS };

type Work = Working<Json, DocumentIntent, DocumentOp>;

/** Takes a mutation in as a room does. */
function mutate(working: Work, intents: readonly DocumentIntent[], limits = DEFAULT_LIMITS): DocumentOp[] | Refusal {
  working.begin();
  const ops: DocumentOp[] = [];
  for (const intent of intents) {
    const decided = working.decide(intent, { ...context, limits });
    if (decided instanceof Refusal) {
      working.undo();
      return decided;
    }
    for (const op of decided) {
      working.fold(op);
      ops.push(op);
    }
  }
  return ops;
}

/** The same without a draft: the ops, or the code of the refusal. */
function oneByOne(
  start: Json,
  intents: readonly DocumentIntent[],
): { readonly state: Json; readonly result: DocumentOp[] | string } {
  let state = start;
  const result: DocumentOp[] = [];
  for (const intent of intents) {
    const decided = documentKind.decide(state, intent, context);
    if (decided instanceof Refusal) return { state: start, result: decided.code };
    // As it was logged, so that what was decided is not taken for it.
    for (const op of decided) state = documentKind.fold(state, structuredClone(op));
    result.push(...decided);
  }
  return { state, result };
}

function wide(keys: number): Record<string, Json> {
  return Object.fromEntries(Array.from({ length: keys }, (_, index) => [`item-${index}`, { done: false }]));
}

describe("many mutations in a row come to the same as one intent after the other", () => {
  test("L1 A6 D6 states, ops and refusals, whatever was refused and whenever somebody looked", () => {
    let refused = 0;
    fc.assert(
      fc.property(wild.jsonObject, fc.gen(), (start, gen) => {
        const text = JSON.stringify(start);
        const working = new Working(documentKind, start);
        const log: DocumentOp[] = [];
        let state: Json = start;
        for (let count = gen(fc.integer, { min: 1, max: 6 }); count > 0; count -= 1) {
          const intents: DocumentIntent[] = [];
          let ahead = state;
          for (let more = gen(fc.integer, { min: 1, max: 4 }); more > 0; more -= 1) {
            const intent: DocumentIntent = gen(wild.intentFor, ahead);
            intents.push(intent);
            ahead = replay(documentKind, [intent], { state: ahead, now: context.now }).state;
          }
          const expected = oneByOne(state, intents);
          const result = mutate(working, intents);
          expect(result instanceof Refusal ? result.code : result).toEqual(expected.result);
          if (typeof expected.result === "string") refused += 1;
          else log.push(...expected.result);
          state = expected.state;
          const seen = gen(fc.boolean) ? working.state : state;
          expect(JSON.stringify(seen)).toBe(JSON.stringify(state));
        }
        expect(JSON.stringify(working.state)).toBe(JSON.stringify(state));
        const woken = new Working(documentKind, JSON.parse(text) as Json);
        for (const op of JSON.parse(JSON.stringify(log)) as DocumentOp[]) woken.fold(op);
        expect(JSON.stringify(woken.state)).toBe(JSON.stringify(state));
        expect(JSON.stringify(start)).toBe(text);
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  test("L1 a state that was looked at stays as it is", () => {
    const working = new Working(documentKind, { a: { n: 1 } });
    mutate(working, [{ type: "update", fields: [{ op: "increment", path: "/a/n" }] }]);
    const seen = working.state;
    mutate(working, [{ type: "update", fields: [{ op: "increment", path: "/a/n" }] }]);
    expect([seen, working.state]).toEqual([{ a: { n: 2 } }, { a: { n: 3 } }]);
  });

  test("L1 an op that does not fit is passed over, and nothing else is lost", () => {
    const working = new Working(documentKind, { a: 1 });
    working.fold({ type: "merge", value: { b: 2 } });
    const patch = [{ op: "add", path: "/c", value: 3 } as const, { op: "remove", path: "/gone" } as const];
    working.fold({ type: "jsonPatch", patch });
    working.fold({ type: "merge", value: { d: 4 } });
    expect(working.state).toEqual({ a: 1, b: 2, d: 4 });
  });
});

describe("what is wide is copied once", () => {
  test("L2 by a draft, however many writes there are", () => {
    const draft = new DocumentDraft(wide(1_000));
    for (let index = 0; index < 1_000; index += 1) draft.write([`item-${index}`], index);
    expect(draft.work).toBe(1_000 * COPIED_MEMBER);
  });

  test("D4 so that a hundred changes to one of 16,000 keys are one mutation", () => {
    const working = new Working(documentKind, wide(16_000));
    const merges = Array.from({ length: 100 }, (_, at): DocumentIntent => ({
      type: "merge",
      value: { [`item-${at}`]: at },
    }));
    expect(mutate(working, merges)).toHaveLength(100);
    const patches = Array.from({ length: 100 }, (_, at): DocumentIntent => ({
      type: "jsonPatch",
      patch: [
        { op: "replace", path: `/item-${at}`, value: "x" },
        { op: "add", path: `/item-${at + 200}/by`, value: "ada" },
      ],
    }));
    expect(mutate(working, patches)).toHaveLength(100);
  });
});

describe("what one mutation may cost", () => {
  const lists = (): Record<string, Json> =>
    Object.fromEntries(
      Array.from({ length: 8 }, (_, list) => [`s${list}`, Array.from({ length: 60_000 }, (_item, at) => at % 10)]),
    );
  const step: DocumentIntent = {
    type: "jsonPatch",
    patch: Array.from({ length: 8 }, (_, list) => [
      { op: "remove", path: `/s${list}/0` } as const,
      { op: "add", path: `/s${list}/-`, value: 0 } as const,
    ]).flat(),
  };

  test("D4 turning large arrays round is counted over all intents of a mutation, and is too much in the end", () => {
    const working = new Working(documentKind, lists());
    expect(mutate(working, [step, step])).toHaveLength(2);
    const before = working.state;
    expect(
      mutate(
        working,
        Array.from({ length: 100 }, () => step),
      ),
    ).toMatchObject({ code: "too_large" });
    expect(working.state).toBe(before);
    expect(mutate(working, [step])).toHaveLength(1);
  });

  test("D4 the elements that an insertion moves are counted", () => {
    const patch = Array.from({ length: 4_000 }, () => ({ op: "add", path: "/s0/0", value: 1 }) as const);
    expect(mutate(new Working(documentKind, lists()), [{ type: "jsonPatch", patch }])).toHaveLength(1);
    const remove = Array.from({ length: 2_000 }, () => ({ op: "remove", path: "/0" }) as const);
    const long = Array.from({ length: 500_000 }, () => 1);
    expect(mutate(new Working(documentKind, long), [{ type: "jsonPatch", patch: remove }])).toMatchObject({
      code: "too_large",
    });
  });

  test("numbers are measured without writing each as a text, and so is what only one side has", () => {
    const before = Array.from({ length: 60_000 }, (_, at) => at % 10);
    const after = [...before.slice(1), 0];
    const stringify = vi.spyOn(JSON, "stringify");
    const difference = noDifference();
    try {
      compare(difference, before, after, 64);
      compare(difference, before, ["x", ...after.slice(30_000), true], 64);
      expect(stringify.mock.calls.length).toBeLessThan(5);
    } finally {
      stringify.mockRestore();
    }
    expect(difference).toMatchObject({ changed: true, deep: false });
  });
});
