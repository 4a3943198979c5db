import { expect, test } from "vitest";
import { readHistory } from "../../src/room/history.ts";
import { readAfter, readBefore } from "../../src/room/read.ts";
import { Segments } from "../../src/room/storage/segments.ts";
import { lab } from "../worker/kinds/lab.ts";
import { commit, onStorage, wakeCost } from "./ledger.ts";

const ROWS = 2_000;

/** Rows that the platform would bill as read for `work`: the real storage does it, and its cursors are counted. */
function rowsRead(storage: DurableObjectStorage, work: () => void): number {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  sql.exec = ((...args: Parameters<typeof exec>) => {
    const cursor = exec(...args);
    cursors.push(cursor);
    return cursor;
  }) as typeof exec;
  try {
    work();
  } finally {
    delete (sql as { exec?: unknown }).exec;
  }
  return cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0);
}

test("L3 what a trim reads grows with what it drops, not with the log", async () => {
  await onStorage("rows-trim", ({ open, storage, store }) => {
    const ledger = open({ ops: ROWS * 10 });
    for (let n = 0; n < ROWS; n += 1) commit(ledger, { do: "put", key: "a", value: `${n}` });
    expect(store.log.oldest()?.first).toBe(1);
    const trim = (upToSeq: number): number =>
      rowsRead(storage, () => store.log.trim({ upToSeq, upToTotal: 0, upToAt: 0 }, ROWS));
    expect(trim(0)).toBeLessThan(10);
    expect(trim(100)).toBeLessThan(2 * 100 + 10);
    expect(store.log.oldest()?.first).toBe(101);
    expect(trim(100)).toBeLessThan(10);
    // What a wake still needs is not looked through either.
    expect(rowsRead(storage, () => store.log.trim({ upToSeq: ROWS, upToTotal: 0, upToAt: 0 }, 150))).toBeLessThan(110);
    expect(store.log.oldest()?.first).toBe(151);
  });
});

test("L3 commits of a room that is always over its retention read a few rows each", async () => {
  await onStorage("rows-commit", ({ open, storage }) => {
    const ledger = open({ ops: 200 });
    const total = rowsRead(storage, () => {
      for (let n = 0; n < ROWS; n += 1) commit(ledger, { do: "put", key: "a", value: `${n}` }, n + 1);
    });
    expect(ledger.oldest).toBeGreaterThan(ROWS - 300);
    expect(total).toBeLessThan(4 * ROWS);
  });
});

test("L2 L6 a wake reads the tail, a page what it shows, and a look-up a few rows", async () => {
  await onStorage("rows-reads", ({ open, storage, store }) => {
    const ledger = open();
    for (let n = 0; n < ROWS; n += 1) commit(ledger, { do: "put", key: "a", value: `${n}` }, n + 1);
    const { n: tail } = storage.sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM log WHERE first > ?", wakeCost(storage).seq)
      .one();
    expect(tail).toBeLessThan(ROWS / 2);
    const { seq } = ledger.position;
    const reads: Record<string, readonly [number, () => void]> = {
      wake: [tail + 40, () => void open()],
      "page forwards": [20, () => void readAfter(lab, store.log, 1_000, { limit: 10 })],
      "page backwards": [20, () => void readBefore(lab, store.log, 1_000, { limit: 10 })],
      history: [20, () => void readHistory(lab, ledger, store, { from: 1_000, limit: 10 })],
      "one op": [5, () => void ledger.opAt(1_000)],
      "a tail's size": [5, () => void ledger.tailBytes(seq - 5)],
      "when it expires": [5, () => void ledger.expiresAt],
      "a place in time": [80, () => void store.log.seqAt(Date.now())],
    };
    for (const [name, [most, read]] of Object.entries(reads)) {
      expect([name, rowsRead(storage, read) <= most]).toEqual([name, true]);
    }
  });
});

test("K4 the segment of a time is found among thousands by reading a few", async () => {
  await onStorage("rows-segments", ({ storage, store }) => {
    store.prepare();
    const segments = new Segments(store.sql);
    const all: { first: number; last: number; since: number; until: number; units: number }[] = [];
    let first = 1;
    for (let n = 0; n < 1_000; n += 1) {
      const last = first + (n % 7) * (n % 11);
      all.push({ first, last, since: n * 10, until: n * 10 + (n % 9), units: 1 });
      first = last + 1;
    }
    for (const segment of all) segments.set(segment);
    for (let at = -5; at < 10_010; at += 37) {
      const found = all.find(({ until }) => until >= at);
      let answer: unknown;
      expect(rowsRead(storage, () => (answer = segments.reaching(at)))).toBeLessThan(100);
      expect(answer).toEqual(found);
    }
    expect(segments.reaching(20_000)).toBeUndefined();
  });
});
