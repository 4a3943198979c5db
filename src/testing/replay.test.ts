import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { defineKind } from "../kinds/kind.ts";
import { refuse } from "../protocol/refusal.ts";
import { replay } from "./index.ts";

interface Bid {
  readonly amount: number;
}
interface Placed extends Bid {
  readonly id: string;
  readonly at: number;
  readonly by: string | null;
}

const auction = defineKind<readonly Placed[], Bid, Placed>({
  name: "auction",
  version: 1,
  initial: () => [],
  intents: v.object({ amount: v.pipe(v.number("An amount is a number"), v.integer()) }),
  permission: ({ amount }) => (amount > 1000 ? "admin" : "write"),
  limits: { depth: 3 },
  decide: (state, { amount }, { id, now, by, limits }) => {
    if (limits.depth !== 3) return refuse("internal", "The kind's limits are not those it asked for.");
    if (amount === 0) return [];
    if (amount <= (state.at(-1)?.amount ?? 0)) return refuse("conflict", "Too low.");
    return [{ amount, id: id(), at: now, by: by ?? null }];
  },
  fold: (state, op) => [...state, op],
});

describe("replay", () => {
  test("does what a room does, with time and ids made up", () => {
    const { state, ops, refusals } = replay(auction, [{ amount: 5 }, { amount: 3 }, { amount: 0 }, { amount: 7 }]);
    expect(state).toEqual(ops);
    expect(ops.map(({ amount, at }) => [amount, at])).toEqual([
      [5, 1_700_000_000_000],
      [7, 1_700_000_000_003],
    ]);
    expect(ops[0]?.id).toMatch(/^[a-z0-9]{16}$/);
    expect(ops[0]?.id).not.toBe(ops[1]?.id);
    expect(refusals).toMatchObject([{ intent: 1, refusal: { code: "conflict" } }]);
    expect(replay(auction, [{ amount: 5 }])).toEqual(replay(auction, [{ amount: 5 }]));
  });

  test("checks shape and permission before it decides", () => {
    const { ops, refusals } = replay(auction, [{ amount: "5" } as unknown as Bid, { amount: 5000 }, { amount: 5 }], {
      can: ["read", "write"],
    });
    expect(ops).toHaveLength(1);
    expect(refusals).toMatchObject([
      { intent: 0, refusal: { code: "bad_intent", message: "An amount is a number" } },
      { intent: 1, refusal: { code: "forbidden" } },
    ]);
  });

  test("begins and stamps as told", () => {
    const first: Placed = { amount: 4, id: "x", at: 1, by: null };
    const { state, refusals } = replay(auction, [{ amount: 4 }, { amount: 6 }], { state: [first], now: 50, by: "ada" });
    expect(state.slice(1)).toMatchObject([{ amount: 6, at: 51, by: "ada" }]);
    expect(refusals).toHaveLength(1);
    expect(replay(auction, [{ amount: 1 }], { limits: { depth: 9 } }).refusals).toMatchObject([
      { refusal: { code: "internal" } },
    ]);
  });

  test("atomic: the first refusal undoes the others and ends it", () => {
    const { state, ops, refusals } = replay(auction, [{ amount: 5 }, { amount: 3 }, { amount: 1 }], { atomic: true });
    expect(state).toEqual([]);
    expect(ops).toEqual([]);
    expect(refusals.map(({ intent }) => intent)).toEqual([1]);
  });

  test("a schema that answers later is an error", () => {
    const later = {
      ...auction,
      intents: v.pipeAsync(
        v.object({ amount: v.number() }),
        v.checkAsync(async () => true),
      ),
    };
    expect(() => replay(later, [{ amount: 1 }])).toThrow(/asynchronous/);
  });
});
