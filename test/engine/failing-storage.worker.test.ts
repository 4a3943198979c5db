import { beforeEach, expect, test, vi } from "vitest";
import { commit, onStorage, type LabLedger } from "./ledger.ts";

beforeEach(() => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => logged.mockRestore();
});

/** Fails the statements from the `from`th on, `count` of them, as a disk that is full or gone for a moment. */
function failing(storage: DurableObjectStorage, from: number, count: number): { readonly heal: () => number } {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  let failed = 0;
  let n = 0;
  sql.exec = ((...args: Parameters<typeof exec>) => {
    n += 1;
    if (n >= from && n < from + count) {
      failed += 1;
      throw new Error("No disk, on purpose");
    }
    return exec(...args);
  }) as typeof exec;
  return {
    heal: () => {
      delete (sql as { exec?: unknown }).exec;
      return failed;
    },
  };
}

/** What a wake must find again. */
function facts(ledger: LabLedger): unknown {
  const { position, oldest, stateText, receipts } = ledger;
  return { position, oldest, stateText, receipts: receipts.summary("a-client-of-ledgers"), tail: ledger.tailBytes(1) };
}

const long = { do: "put", key: "long", value: "x".repeat(70_000) } as const;

const WORK: readonly (readonly [string, (ledger: LabLedger) => void])[] = [
  ["a commit", (ledger) => commit(ledger, { do: "put", key: "a", value: "lost?" }, ledger.position.seq + 1_000)],
  ["a commit with a checkpoint", (ledger) => commit(ledger, long)],
  ["a clear", (ledger) => ledger.replace({ values: {}, ops: 0 })],
  ["a trim by age", (ledger) => ledger.expire()],
];

test.each(WORK)(
  "C3 C5 X2 however many statements of %s fail in a row, what is acknowledged next is found by a wake",
  async (what, work) => {
    await onStorage(`failing ${what}`, ({ open, storage }) => {
      const retention = { ops: 8 };
      const ledger = open(retention);
      let failures = 0;
      for (let from = 1; from <= 10; from += 1) {
        for (const count of [1, 2, 3, 5, 50]) {
          for (let n = 0; n < 3; n += 1) commit(ledger, { do: "many", count: 2 });
          const { heal } = failing(storage, from, count);
          let threw = false;
          try {
            work(ledger);
          } catch {
            threw = true;
          }
          // Mutations that come before the disk is back are refused, whatever they find.
          try {
            commit(ledger, { do: "put", key: "a", value: "also lost?" });
          } catch {
            threw = true;
          }
          if (heal() > 0 && threw) failures += 1;
          commit(ledger, { do: "put", key: "b", value: `${from} ${count}` });
          expect(facts(open(retention))).toEqual(facts(ledger));
        }
      }
      expect(failures).toBeGreaterThanOrEqual(10);
    });
  },
);

test("C3 while storage cannot be read again either, what is committed is still there to be read", async () => {
  await onStorage("failing reads", ({ open, storage }) => {
    const ledger = open();
    for (let n = 1; n <= 5; n += 1) commit(ledger, { do: "put", key: "a", value: `${n}` }, n);
    const { position, stateText } = ledger;
    const { heal } = failing(storage, 1, 1_000);
    expect(() => commit(ledger, { do: "put", key: "a", value: "6" }, 6)).toThrow("on purpose");
    expect(ledger.position).toEqual(position);
    expect(ledger.stateText).toBe(stateText);
    heal();
    expect(ledger.receipts.summary("a-client-of-ledgers")).toEqual({ last: 5, gaps: [] });
    commit(ledger, { do: "put", key: "a", value: "6 again" }, 6);
    expect(facts(open())).toEqual(facts(ledger));
    expect(ledger.position).toEqual({ epoch: position.epoch, seq: 6 });
  });
});

test("C3 a room whose first write fails twice over is empty, and takes the next", async () => {
  await onStorage("failing birth", ({ open, storage }) => {
    const failed: string[] = [];
    for (let from = 1; from < 12; from += 1) {
      const ledger = open();
      if (!ledger.blank) break;
      const { heal } = failing(storage, from, 3);
      try {
        commit(ledger, { do: "put", key: "a", value: "lost" });
      } catch {
        // Before storage can be read again: the room is as it was, without an epoch.
        failed.push(ledger.version);
      }
      heal();
      expect(facts(open())).toEqual(facts(ledger));
    }
    expect(failed.length).toBeGreaterThan(3);
    expect(new Set(failed)).toEqual(new Set(["0.0"]));
    const ledger = open();
    commit(ledger, { do: "put", key: "a", value: "kept" });
    expect(facts(open())).toEqual(facts(ledger));
  });
});
