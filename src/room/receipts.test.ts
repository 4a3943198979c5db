import { describe, expect, test } from "vitest";
import { Receipts, type StoredReceipt } from "./receipts.ts";

const DAY = 24 * 60 * 60 * 1000;
const ADA = "secret-of-ada-0001";

/** Receipts of one client that applied these numbers, in this order. */
function applied(...numbers: readonly number[]): Receipts {
  const receipts = new Receipts();
  receipts.bind(ADA, "ada", 1);
  for (const m of numbers) receipts.record("ada", m, 1);
  return receipts;
}

/** As a checkpoint keeps them. */
function reloaded(receipts: Receipts, now = 1, seq = 0): Receipts {
  const stored = JSON.parse(JSON.stringify(receipts.prune(now, seq, new Set()))) as StoredReceipt[];
  const again = new Receipts();
  again.load(stored, receipts.horizon);
  return again;
}

/** What a client may conclude from the summary: the numbers up to `last` that it takes for applied. */
function taken({ last, gaps }: ReturnType<Receipts["summary"]>): number[] {
  return Array.from({ length: last }, (_, n) => n + 1).filter((m) => !gaps.some(([from, to]) => m >= from && m <= to));
}

describe("numbers of one client", () => {
  test.each([
    [[], []],
    [[1], [1]],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    [
      [1, 2, 4],
      [1, 2, 4],
    ],
    [
      [1, 5, 3],
      [1, 3, 5],
    ],
    [
      [1, 6, 2, 5],
      [1, 2, 5, 6],
    ],
    [
      [1, 4, 2, 3],
      [1, 2, 3, 4],
    ],
    [[2], [2]],
    [
      [3, 7],
      [3, 7],
    ],
    [
      [3, 1],
      [1, 3],
    ],
  ] as const)("X3 after %j the summary says exactly %j", (order, expected) => {
    for (const receipts of [applied(...order), reloaded(applied(...order))]) {
      expect(taken(receipts.summary(ADA))).toEqual(expected);
      for (let m = 1; m <= 8; m += 1) {
        expect(receipts.standing(ADA, m), `m ${m}`).toBe(
          (expected as readonly number[]).includes(m) ? "applied" : "new",
        );
      }
    }
  });

  test("X3 gaps are inclusive ranges, and filling one in the middle leaves two", () => {
    expect(applied(1, 7).summary(ADA)).toEqual({ last: 7, gaps: [[2, 6]] });
    expect(applied(1, 7, 4).summary(ADA)).toEqual({
      last: 7,
      gaps: [
        [2, 3],
        [5, 6],
      ],
    });
    expect(applied(1, 7, 2).summary(ADA)).toEqual({ last: 7, gaps: [[3, 6]] });
    expect(applied(1, 7, 6).summary(ADA)).toEqual({ last: 7, gaps: [[2, 5]] });
  });

  test("X3 an unknown client has applied nothing", () => {
    const receipts = applied(1);
    expect(receipts.summary("somebody-else-0000")).toEqual({ last: 0, gaps: [] });
    expect(receipts.standing("somebody-else-0000", 1)).toBe("new");
  });

  test("X4 with more than 64 gaps the oldest are forgotten, and none of them is taken for applied", () => {
    const odd = Array.from({ length: 70 }, (_, n) => 2 * n + 1);
    const receipts = applied(...odd);
    const { gaps } = receipts.summary(ADA);
    expect(receipts.standing(ADA, 2)).toBe("forgotten");
    expect(receipts.standing(ADA, 1)).toBe("forgotten");
    expect(receipts.standing(ADA, 138)).toBe("new");
    expect(receipts.standing(ADA, 139)).toBe("applied");
    for (const m of taken({ last: 139, gaps })) expect(odd).toContain(m);
    expect(gaps.length).toBeLessThanOrEqual(65);
  });

  test("a name without a receipt is nobody's: its number is not recorded", () => {
    const receipts = applied(1);
    receipts.record("nobody", 9, 1);
    expect(receipts.summary(ADA)).toEqual({ last: 1, gaps: [] });
  });

  test("X6 the first name of a client stays its name", () => {
    const receipts = applied(1);
    expect(receipts.bind(ADA, "other", 2)).toBe(false);
    expect(receipts.nameOf(ADA)).toBe("ada");
    expect(receipts.nameOf("somebody-else-0000")).toBeUndefined();
  });
});

describe("forgetting", () => {
  test("X4 a receipt of a day ago goes, unless its client is here", () => {
    const receipts = applied(1, 2);
    receipts.bind("secret-of-bob-0001", "bob", 1);
    receipts.record("bob", 1, 1);
    const kept = receipts.prune(DAY + 1, 40, new Set([ADA]));
    expect(kept.map(([client]) => client)).toEqual([ADA]);
    expect(receipts.standing(ADA, 2)).toBe("applied");
    expect(receipts.nameOf("secret-of-bob-0001")).toBeUndefined();
    expect(receipts.horizon).toBe(40);
  });

  test("X4 one that was sent before by a client that is forgotten is not guessed at", () => {
    const receipts = applied(1, 2);
    receipts.prune(DAY + 1, 40, new Set());
    expect(receipts.standing(ADA, 2, 39)).toBe("forgotten");
    expect(receipts.standing(ADA, 2, 0)).toBe("forgotten");
    // It had everything that there was when receipts were last forgotten: what it sent later is known.
    expect(receipts.standing(ADA, 3, 40)).toBe("new");
    // Never sent before.
    expect(receipts.standing(ADA, 3)).toBe("new");
  });

  test("X4 forgetting at a history's very beginning is remembered too", () => {
    const receipts = applied(1, 2);
    receipts.prune(DAY + 1, 0, new Set());
    expect(receipts.standing(ADA, 2, 0)).toBe("forgotten");
  });

  test("X4 in a new epoch what was forgotten before it is older than any op", () => {
    const receipts = applied(1, 2);
    receipts.prune(DAY + 1, 5_000, new Set());
    receipts.restart();
    expect(receipts.standing(ADA, 2, 0)).toBe("forgotten");
    expect(receipts.standing("newcomer-of-today-1", 1, 3)).toBe("new");
    const none = applied(1);
    none.restart();
    expect(none.standing("newcomer-of-today-1", 1, 0)).toBe("new");
  });

  test("X4 once anybody was forgotten, the numbers before the first known one are not taken for applied", () => {
    const receipts = applied(1, 2);
    receipts.prune(DAY + 1, 40, new Set());
    receipts.bind(ADA, "ada", DAY);
    receipts.record("ada", 9, DAY);
    expect(taken(receipts.summary(ADA))).toEqual([9]);
    expect(receipts.standing(ADA, 8)).toBe("forgotten");
    expect(receipts.standing(ADA, 10)).toBe("new");
  });

  test("X2 X4 at most 2,000 receipts stay, the latest ones, whoever asks afterwards", () => {
    const receipts = new Receipts();
    for (let n = 0; n < 2_010; n += 1) {
      receipts.bind(`client-${n}`, `name-${n}`, n);
      receipts.record(`name-${n}`, 1, n);
    }
    const kept = reloaded(receipts, 3_000, 2_010);
    expect(kept.standing("client-9", 1, 5)).toBe("forgotten");
    expect(kept.standing("client-10", 1, 5)).toBe("applied");
    expect(kept.standing("client-2009", 1)).toBe("applied");
    expect(kept.horizon).toBe(2_010);
  });
});
