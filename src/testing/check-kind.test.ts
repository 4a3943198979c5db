import { describe, expect, test } from "vitest";
import { checkedDocument } from "../kinds/document/try-document.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Code } from "../protocol/codes.ts";
import { refuse } from "../protocol/refusal.ts";
import { checkKind } from "./index.ts";

interface State {
  readonly list: number[];
}
type Tally = Kind<State, number, { readonly add: number }>;

const sound: Tally = {
  name: "tally",
  version: 1,
  initial: () => ({ list: [] }),
  decide: (_state, intent) => (intent < 0 ? refuse("conflict", "Only up.") : intent === 0 ? [] : [{ add: intent }]),
  fold: ({ list }, { add }) => ({ list: [...list, add] }),
};
const intents = [1, 0, -1, 2, 3];

describe("checkKind", () => {
  test("returns what became of a sound kind", () => {
    const { state, ops, refusals } = checkKind(sound, { intents });
    expect(state).toEqual({ list: [1, 2, 3] });
    expect(ops).toEqual([{ add: 1 }, { add: 2 }, { add: 3 }]);
    expect(refusals.map(({ intent }) => intent)).toEqual([2]);
  });

  test("leaves what the caller gave alone", () => {
    const given = { state: { list: [0] }, intents };
    checkKind(sound, given);
    expect(Object.isFrozen(given.intents)).toBe(false);
  });

  let calls = 0;
  test.each<[string, Partial<Tally>, RegExp]>([
    ["decide changes the state", { decide: (state, n) => (state.list.push(n), []) }, /^decide threw a TypeError/],
    ["fold changes the state", { fold: (state, { add }) => (state.list.push(add), state) }, /^fold threw a TypeError/],
    ["fold changes the op", { fold: (state, op) => (Object.assign(op, { add: 0 }), state) }, /^fold threw a TypeError/],
    ["decide asks chance", { decide: () => [{ add: Math.random() }] }, /^decide called twice for intent 0/],
    [
      "a refusal comes by chance",
      { decide: () => ((calls += 1) % 2 === 1 ? refuse("conflict", "") : []) },
      /^decide called twice/,
    ],
    ["fold remembers", { fold: ({ list }) => ({ list: [...list, (calls += 1)] }) }, /^fold called twice for intent 0/],
    ["initial is never the same", { initial: () => ({ list: [(calls += 1)] }) }, /^initial\(\) called twice/],
    [
      "the state holds what is no JSON",
      { fold: () => ({ list: [Number.NaN] }) },
      /^The state after intent 0 is not JSON: NaN .* "\/list\/0"/,
    ],
    [
      "the state begins as what is no JSON",
      { initial: () => ({ list: [], at: new Date() }) },
      /^The state at the start is not JSON/,
    ],
    [
      "an op holds what is no JSON",
      { decide: () => [{ add: 1, extra: undefined }] },
      /^An op of intent 0 is not JSON: undefined .* "\/extra"/,
    ],
    ["an unknown code", { decide: () => refuse("nonsense" as Code, "") }, /unknown code/],
    ["no ops and no refusal", { decide: () => undefined as unknown as [] }, /neither a list of ops nor/],
  ])("finds that %s", (_title, fault, message) => {
    calls = 0;
    expect(() => checkKind({ ...sound, ...fault }, { intents })).toThrow(message);
  });

  test("finds a fold that goes by identity, which text does not keep", () => {
    const seen = new WeakMap<object, number>();
    const kind: Tally = {
      ...sound,
      decide: (_state, intent) => {
        const op = { add: Math.max(1, intent) };
        seen.set(op, 1);
        return [op];
      },
      fold: ({ list }, op) => ({ list: [...list, seen.get(op) ?? 0] }),
    };
    expect(() => checkKind(kind, { intents: [1, 2] })).toThrow(/^The log folded from the checkpoint before op 0/);
  });

  test("holds the document kind to it", () => {
    const { state, ops, refusals } = checkKind(checkedDocument, {
      intents: [
        { type: "merge", value: { a: { n: 1 }, l: [1] } },
        { type: "mergePatch", patch: { a: { m: null, k: 2 } } },
        { type: "jsonPatch", patch: [{ op: "test", path: "/a/n", value: 2 }] },
        {
          type: "jsonPatch",
          patch: [
            { op: "copy", from: "/a", path: "/l/0" },
            { op: "remove", path: "/a/n" },
          ],
        },
        {
          type: "update",
          fields: [
            { op: "increment", path: "/l/0/n" },
            { op: "serverTime", path: "/at" },
          ],
        },
        { type: "merge", value: {} },
        { type: "set", value: JSON.parse('{"__proto__":1}') as null },
      ],
    });
    expect(JSON.stringify(state)).toBe('{"__proto__":1}');
    expect(ops).toHaveLength(5);
    expect(refusals).toMatchObject([{ intent: 2, refusal: { code: "conflict", place: { path: "/a/n" } } }]);
  });
});
