import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { DIALECT_HEADER, OPEN } from "../../src/room/api.ts";
import { opsOf } from "../../src/room/migrate.ts";
import { documentKind } from "../../src/kinds/document/kind.ts";
import { DocumentSession } from "../../src/kinds/document/session.ts";
import { lab, type LabOp, type LabState } from "../worker/kinds/lab.ts";
import { commit, dump, onStorage, wakeCost, type LabLedger } from "./ledger.ts";
import { inside, labs, shortCounters } from "./rooms.ts";

afterEach(() => {
  vi.useRealTimers();
});

const KIB = 1024;
const DAY = 24 * 60 * 60 * 1000;

/** What a wake must find again. */
function facts(ledger: LabLedger): unknown {
  const { position, oldest, stateText, receipts, expiresAt } = ledger;
  return {
    position,
    oldest,
    stateText,
    receipts: receipts.summary("a-client-of-ledgers"),
    tail: ledger.tailBytes(position.seq - 5),
    expiresAt,
  };
}

/** Values between 1 and 6 KiB under 12 keys, so that checkpoints come often and are of different sizes. */
function step(n: number) {
  return { do: "put" as const, key: `k${n % 12}`, value: `${n}:`.padEnd(KIB * (1 + (n % 6)), "ä") };
}

test("L1 L2 after every commit of a long run, a wake finds the same, and reads a bounded tail", async () => {
  await onStorage("log-long", ({ open, storage, store }) => {
    const ledger = open();
    const checkpoints = new Set<number>();
    for (let n = 1; n <= 200; n += 1) {
      commit(ledger, step(n), n % 7 === 0 ? undefined : n + Math.floor(n / 50));
      expect(facts(open())).toEqual(facts(ledger));
      const { checkpoint, tail, seq } = wakeCost(storage);
      expect(tail).toBeLessThanOrEqual(Math.max(64 * KIB, checkpoint));
      checkpoints.add(seq);
    }
    expect(checkpoints.size).toBeGreaterThan(5);
    // The state is the fold of the log from the very beginning, too.
    let state: LabState = lab.initial();
    for (const row of store.log.after(0)) {
      for (const { ops } of opsOf(row.body).entries) for (const op of ops) state = lab.fold(state, op as LabOp);
    }
    expect(JSON.stringify(state)).toBe(ledger.stateText);
  });
});

test("L2 the bytes written for checkpoints are about those of the log, not more", async () => {
  await onStorage("log-amortized", ({ open, storage }) => {
    const ledger = open();
    let checkpointed = 0;
    let logged = 0;
    let seq = 0;
    for (let n = 1; n <= 300; n += 1) {
      const intent = { do: "put" as const, key: `k${n}`, value: "x".repeat(2 * KIB) };
      commit(ledger, intent);
      logged += 2 * KIB;
      const cost = wakeCost(storage);
      if (cost.seq !== seq) checkpointed += cost.checkpoint;
      ({ seq } = cost);
    }
    expect(checkpointed).toBeGreaterThan(0);
    expect(checkpointed).toBeLessThan(2 * logged);
  });
});

test.each([0, 1, 2])(
  "L1 a long text is stored in pieces that cut no character in two (%i before it)",
  async (before) => {
    await onStorage(`log-pieces-${before}`, ({ open, store }) => {
      open().birth();
      const text = "x".repeat(before) + "🙂".repeat(600_000);
      store.chunks.write("text", text);
      expect(store.chunks.read("text") === text).toBe(true);
      store.chunks.write("text", "short");
      expect(store.chunks.read("text")).toBe("short");
    });
  },
);

test("L3 retention by count drops whole rows from the front, and what is left still wakes", async () => {
  await onStorage("log-count", ({ open, storage }) => {
    const ledger = open({ ops: 23 });
    let trims = 0;
    for (let n = 1; n <= 120; n += 1) {
      const before = ledger.oldest;
      commit(ledger, { do: "many", count: 1 + (n % 4) }, n);
      const { position, oldest } = ledger;
      const kept = position.seq - oldest + 1;
      expect(kept).toBeGreaterThanOrEqual(Math.min(23, position.seq));
      expect(kept).toBeLessThanOrEqual(23 * 1.25 + 1);
      const first = storage.sql.exec<{ first: number }>("SELECT min(first) AS first FROM log").one();
      expect(first.first).toBe(oldest);
      if (oldest !== before) trims += 1;
      expect(facts(open({ ops: 23 }))).toEqual(facts(ledger));
    }
    // A delete is billed as a write: not one a commit.
    expect(trims).toBeGreaterThan(10);
    expect(trims).toBeLessThan(70);
  });
});

test("L3 retention by bytes", async () => {
  await onStorage("log-bytes", ({ open, storage }) => {
    const retention = { bytes: 40 * KIB };
    const ledger = open(retention);
    let most = 0;
    for (let n = 1; n <= 100; n += 1) {
      commit(ledger, { do: "put", key: "a", value: "x".repeat(KIB * (1 + (n % 3))) }, n);
      const { bytes } = storage.sql
        .exec<{ bytes: number }>("SELECT sum(length(CAST(body AS BLOB))) AS bytes FROM log")
        .one();
      most = Math.max(most, bytes);
      expect(facts(open(retention))).toEqual(facts(ledger));
    }
    expect(most).toBeLessThanOrEqual(40 * KIB);
    // About a quarter goes at a time.
    expect(most).toBeGreaterThan(30 * KIB);
    expect(ledger.oldest).toBeGreaterThan(50);
  });
});

test("L3 the newest row stays, however large, until enough has come after it", async () => {
  await onStorage("log-one-large", ({ open }) => {
    const retention = { bytes: KIB };
    const ledger = open(retention);
    commit(ledger, { do: "put", key: "a", value: "x".repeat(4 * KIB) }, 1);
    expect(ledger.oldest).toBe(1);
    expect(facts(open(retention))).toEqual(facts(ledger));
    commit(ledger, { do: "put", key: "a", value: "x".repeat(KIB) }, 2);
    expect(ledger.oldest).toBe(2);
    expect(facts(open(retention))).toEqual(facts(ledger));
  });
});

test("L3 retention by age: the alarm drops what is too old, keeps what is not, and the state", async () => {
  const room = labs("log-age");
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  const put = (value: string) => JSON.stringify([{ do: "put", key: value, value }]);
  for (const [offset, value] of [
    [0, "a"],
    [DAY, "b"],
    [20 * DAY, "c"],
  ] as const) {
    vi.setSystemTime(start + offset);
    expect(await room.applyText(put(value), OPEN)).toMatchObject({ ok: true });
  }
  const before = await room.readText();
  const planned = (): Promise<number | null> => inside(room, async (_, { storage }) => storage.getAlarm());
  expect(await planned()).toBe(start + 30 * DAY);
  // Not yet.
  vi.setSystemTime(start + 29 * DAY);
  await runDurableObjectAlarm(room);
  expect(await room.history({})).toMatchObject({ oldest: 1 });
  vi.setSystemTime(start + 31 * DAY + 1);
  await evictDurableObject(room);
  await runDurableObjectAlarm(room);
  expect(await room.history({})).toMatchObject({ oldest: 3, runs: [{ seq: 3 }] });
  expect(await room.history({ from: 2 })).toMatchObject({ ok: false, code: "gone" });
  expect(await planned()).toBe(start + 50 * DAY);
  vi.setSystemTime(start + 50 * DAY + 1);
  await runDurableObjectAlarm(room);
  expect(await room.history({})).toMatchObject({ oldest: 4, runs: [] });
  // Nothing left to expire: the room can sleep for good.
  expect(await planned()).toBeNull();
  await evictDurableObject(room);
  expect(await room.readText()).toEqual(before);
  expect(await room.applyText(put("d"), OPEN)).toMatchObject({ ok: true, version: before.version.replace(/3$/, "4") });
  expect(await planned()).toBe(start + 80 * DAY + 1);
});

test("L3 an alarm whose storage fails loses nothing, then or at the next", async () => {
  const room = labs("log-age-fails");
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  await room.applyText('[{"do":"put","key":"a","value":"1"}]', OPEN);
  const before = await room.readText();
  await inside(room, (_, { storage }) => {
    storage.sql.exec("CREATE TRIGGER stuck BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'on purpose'); END");
  });
  vi.setSystemTime(start + 31 * DAY);
  await inside(room, async (instance) => {
    // The first undoes its checkpoint with everything else; memory must not believe in it afterwards.
    for (const _ of [1, 2]) await expect(instance.alarm()).rejects.toThrow("on purpose");
  });
  await inside(room, async (instance, { storage }) => {
    storage.sql.exec("DROP TRIGGER stuck");
    await instance.alarm();
    expect(storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM log").one().n).toBe(0);
  });
  await evictDurableObject(room);
  expect(await room.readText()).toEqual(before);
});

test("L5 a room that is only read stores nothing, whatever is read and refused", async () => {
  const room = labs("log-unborn");
  expect(await room.readText()).toEqual({ version: "0.0", text: '{"values":{},"ops":0}' });
  expect(await room.history({})).toEqual({ epoch: "0", runs: [], oldest: 1 });
  expect(await room.history({ from: 7 })).toEqual({ epoch: "0", runs: [], oldest: 1 });
  expect(await room.roster()).toEqual({});
  expect(await room.listVersions()).toEqual([]);
  for (const missing of [
    await room.readVersion("v"),
    await room.restoreVersion("v", OPEN),
    await room.deleteVersion("v", OPEN),
  ]) {
    expect(missing).toMatchObject({ ok: false, code: "not_found" });
  }
  const refused = [
    await room.applyText('[{"do":"dance"}]', OPEN),
    await room.applyText('[{"do":"nothing"}]', { can: [] }),
    await room.applyText('[{"do":"put","key":"a","value":"b"}]', OPEN, { ifVersion: "e.1" }),
    await room.clear(OPEN, { ifVersion: "e.1" }),
    await room.clear({ can: ["read"] }),
    await room.saveVersion("v", { can: ["read"] }),
  ];
  for (const outcome of refused) expect(outcome).toMatchObject({ ok: false });
  expect(await room.applyText('[{"do":"nothing"}]', OPEN)).toEqual({ ok: true, version: "0.0" });
  const answers = [{}, { Upgrade: "websocket", [DIALECT_HEADER]: "klingon" }].map(async (headers) => {
    const response = await room.fetch("http://room/", { headers });
    return [response.status, await response.json()];
  });
  expect(await Promise.all(answers)).toMatchObject([
    [426, { error: { code: "upgrade_required" } }],
    [404, { error: { code: "not_found" } }],
  ]);
  await evictDurableObject(room);
  await room.readText();
  await inside(room, async (_, { storage }) => {
    expect(dump(storage)).toEqual({});
    expect(await storage.getAlarm()).toBeNull();
  });
  // The same look at one that was written to, so that this test can tell.
  await room.applyText('[{"do":"put","key":"a","value":"b"}]', OPEN);
  expect(Object.keys(await inside(room, (_, { storage }) => dump(storage)))).toContain("log");
});

test("L6 history is read by number, in whole runs, page after page", async () => {
  const room = labs("log-history");
  for (let n = 1; n <= 9; n += 1) await room.applyText(`[{"do":"many","count":${n}}]`, OPEN);
  const { version } = await room.readText();
  const epoch = version.split(".")[0];
  const page = async (from?: number, limit?: number) => {
    const read = await room.history({
      ...(from === undefined ? {} : { from }),
      ...(limit === undefined ? {} : { limit }),
    });
    if ("ok" in read) throw new Error(read.message);
    expect(read).toMatchObject({ epoch, oldest: 1 });
    return {
      runs: read.runs.map(({ seq, entries }) => [seq, entries.flatMap(({ ops }) => ops).length]),
      next: read.next,
    };
  };
  const all = [
    [1, 1],
    [2, 2],
    [4, 3],
    [7, 4],
    [11, 5],
    [16, 6],
    [22, 7],
    [29, 8],
    [37, 9],
  ];
  expect(await page()).toEqual({ runs: all, next: undefined });
  expect(await page(1, 1)).toEqual({ runs: [[1, 1]], next: 2 });
  expect(await page(2, 3)).toEqual({
    runs: [
      [2, 2],
      [4, 3],
    ],
    next: 7,
  });
  // From the middle of a run: the whole of it.
  expect(await page(12, 1)).toEqual({ runs: [[11, 5]], next: 16 });
  expect(await page(45, 1)).toEqual({ runs: [[37, 9]], next: undefined });
  expect(await page(46)).toEqual({ runs: [], next: undefined });
  expect(await page(1_000)).toEqual({ runs: [], next: undefined });
  const walked: unknown[] = [];
  for (let from: number | undefined = 1; from !== undefined;) {
    const read = await page(from, 4);
    walked.push(...read.runs);
    from = read.next;
  }
  expect(walked).toEqual(all);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53, Infinity])("L6 from %d, and a limit of it, are refused", async (wrong) => {
  const room = labs("log-history-wrong");
  expect(await room.history({ from: wrong })).toMatchObject({ ok: false, code: "bad_request" });
  expect(await room.history({ limit: wrong })).toMatchObject({ ok: false, code: "bad_request" });
  expect(await room.history({ limit: 1_001 })).toMatchObject({ ok: false, code: "bad_request" });
});

test("L6 what is no longer kept is said with gone, and a page of large ops ends early", async () => {
  const short = shortCounters("log-gone");
  for (let n = 1; n <= 30; n += 1) await short.applyText('[{"add":1}]', OPEN);
  const page = await short.history({});
  if ("ok" in page) throw new Error(page.message);
  expect(page.oldest).toBeGreaterThan(15);
  expect(page.runs[0]?.seq).toBe(page.oldest);
  expect(await short.history({ from: page.oldest - 1 })).toMatchObject({ ok: false, code: "gone" });
  expect(await short.history({ from: page.oldest, limit: 1 })).toMatchObject({
    runs: [{ seq: page.oldest }],
    next: page.oldest + 1,
  });

  const room = labs("log-large-page");
  for (let n = 1; n <= 10; n += 1) await room.applyText('[{"do":"grow","key":"a","units":500000}]', OPEN);
  const first = await room.history({ limit: 1_000 });
  expect(first).toMatchObject({ next: 10 });
  expect(await room.history({ from: 10, limit: 1_000 })).toMatchObject({ runs: [{ seq: 10 }] });
});

test("L1 L2 a wake takes the whole tail in at once: what is wide is not copied for each op", async () => {
  await onStorage("wide-tail", (bench) => {
    const counts = { drafts: 0, folds: 0 };
    const counted: typeof documentKind = {
      ...documentKind,
      draft: (state) => ((counts.drafts += 1), new DocumentSession(state)),
      fold: (state, op) => ((counts.folds += 1), documentKind.fold(state, op)),
    };
    const ledger = bench.openAs(counted);
    const merge = (value: Record<string, number>): void => {
      expect(ledger.stage({ can: ["write"] }, { intents: [{ type: "merge", value }] })).toBe("staged");
      ledger.commit();
    };
    merge(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key-${index}`, index])));
    for (let index = 0; index < 200; index += 1) merge({ [`key-${index}`]: -1 });

    counts.drafts = counts.folds = 0;
    const woken = bench.openAs(counted);
    expect(woken.stateText).toBe(ledger.stateText);
    expect(woken.position).toEqual(ledger.position);
    expect(counts.folds).toBe(0);
    expect(counts.drafts).toBeLessThan(5);
  });
});
