import { describe, expect, test } from "vitest";
import { keyName, producerName, Receipts, type StoredReceipt } from "./receipts.ts";

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

describe("those who cannot say whether they sent it before", () => {
  const day = { age: DAY };
  const P = producerName("ada", "p");
  const K = keyName("ada", "k");

  /** Room for a few of each, and one of each that wrote before all others: a client, a producer of three batches, a key. */
  function few(): Receipts {
    const receipts = new Receipts({
      client: { most: 50, ...day },
      producer: { most: 50, ...day },
      key: { most: 3_000, ...day },
    });
    for (const [name, by, last] of [
      [ADA, "a", 1],
      [P, "p", 3],
      [K, "k", 1],
    ] as const) {
      receipts.bind(name, by, 1);
      for (let m = 1; m <= last; m += 1) receipts.record(by, m, 1);
    }
    return receipts;
  }

  /** So many others write, and then there is a checkpoint. */
  function crowd(receipts: Receipts, count: number, nameOf: (n: number) => string): void {
    for (let n = 0; n < count; n += 1) {
      receipts.bind(nameOf(n), nameOf(n), 2);
      receipts.record(nameOf(n), 1, 2);
    }
    receipts.prune(3, 7, new Set());
  }

  test("X4 a producer that is forgotten is refused, unless it begins anew", () => {
    const receipts = few();
    expect(receipts.standing(producerName("bob", "begins with 2"), 2)).toBe("new");
    crowd(receipts, 5_000, (n) => producerName("bob", String(n)));
    expect(receipts.nameOf(P)).toBeUndefined();
    expect([1, 2, 3, 4].map((m) => receipts.standing(P, m))).toEqual(["new", "forgotten", "forgotten", "forgotten"]);
    const again = reloaded(receipts, 3);
    expect(again.standing(P, 3)).toBe("forgotten");
    expect(again.standing(producerName("bob", "4999"), 1)).toBe("applied");
    expect(again.standing(producerName("bob", "4999"), 2)).toBe("new");
  });

  test("X4 X7 many of one sort make nobody of another forgotten", () => {
    const known = (receipts: Receipts): boolean[] =>
      [ADA, P, K].map((name) => receipts.standing(name, 1) === "applied");
    for (const [sort, nameOf, expected] of [
      ["clients", (n: number) => `client-of-somebody-${n}`, [false, true, true]],
      ["producers", (n: number) => producerName(undefined, String(n)), [true, false, true]],
      ["keys", (n: number) => keyName(undefined, String(n)), [true, true, false]],
    ] as const) {
      const receipts = few();
      crowd(receipts, 5_000, nameOf);
      expect([sort, known(receipts)]).toEqual([sort, expected]);
      // A key that is unknown is a new one: nothing else could be told of it, and nobody else has to suffer for it.
      expect([sort, receipts.horizon]).toEqual([sort, sort === "keys" ? 0 : 7]);
    }
  });

  test("X7 the latest keys are known, whoever wrote in the same moment", () => {
    const receipts = few();
    crowd(receipts, 5_000, (n) => keyName("bob", String(n)));
    const again = reloaded(receipts, 3);
    const knows = (n: number): boolean => again.standing(keyName("bob", String(n)), 1) === "applied";
    expect([0, 1_999, 2_000, 4_999].map(knows)).toEqual([false, false, true, true]);
  });

  test("X7 as they are in use 20,000 keys are known, or 2 Mi characters of them, whatever they are made of", () => {
    const count = (length: number): number => {
      const receipts = new Receipts();
      crowd(receipts, 25_000, (n) => keyName("u".repeat(length), String(n).padStart(36, "0")));
      return receipts.prune(3, 7, new Set()).length;
    };
    expect(count(4)).toBe(20_000);
    const long = count(1_000);
    expect(long).toBeGreaterThan(1_500);
    expect(long * 1_000).toBeLessThan(2 * 1024 * 1024);
  });

  test("B2 a producer is known for a month", () => {
    const receipts = new Receipts();
    receipts.bind(P, "p", 1);
    receipts.record("p", 1, 1);
    receipts.prune(30 * DAY, 7, new Set());
    expect(receipts.standing(P, 1)).toBe("applied");
    receipts.prune(30 * DAY + 1, 8, new Set());
    expect(receipts.standing(P, 2)).toBe("forgotten");
  });
});
