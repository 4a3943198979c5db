import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OPEN, type Outcome } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, type TestRoom } from "./rooms.ts";

/** What the room told the server's log: the cause, which clients never see. */
let logged: string[] = [];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((...parts: readonly unknown[]) => {
    logged.push(parts.map(String).join(" "));
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Rows of a table, counted in the object's own storage. */
function rows(room: TestRoom, table: "log" | "chunks" = "log"): Promise<number> {
  return inside(
    room,
    (_, state) => state.storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n,
  );
}

/** From now on storage refuses any row of `table` with `poison` in that column, as a full disk would. */
function poison(room: TestRoom, table = "log", column = "body"): Promise<void> {
  return inside(room, (_, { storage }) => {
    storage.sql.exec(
      `CREATE TRIGGER poisoned BEFORE INSERT ON ${table} WHEN NEW.${column} LIKE '%poison%'
       BEGIN SELECT RAISE(ABORT, 'secret of the disk'); END`,
    );
  });
}

function put(value: string, key = "a"): { do: "put"; key: string; value: string } {
  return { do: "put", key, value };
}

const FAILED = { t: "refused", code: "storage_failed" };

test("C1 32 mutations in one frame are one row", async () => {
  const room = labs("commit-one-row");
  const { peer } = await Peer.live(room);
  peer.send(...Array.from({ length: 32 }, (_, n) => ({ t: "mutate" as const, m: n + 1, intents: [put(String(n))] })));
  const run = await peer.expect("ops");
  expect(run.entries.map(({ m }) => m)).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
  expect(await rows(room)).toBe(1);
});

test("C1 a flush of many mutations bills one row, and a read none", async () => {
  const room = labs("commit-billed");
  await room.applyText(JSON.stringify([put("0")]), OPEN);
  await inside(room, async (instance, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    let written = 0;
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    // Counts what the platform would bill; the real storage does the work.
    storage.sql.exec = ((...args: Parameters<typeof exec>) => {
      const cursor = exec(...args);
      cursors.push(cursor);
      return cursor;
    }) as typeof exec;
    const first = instance.applyText(JSON.stringify([put("1")]), OPEN);
    const rest = Array.from({ length: 30 }, async () => instance.applyText(JSON.stringify([put("2")]), OPEN));
    await Promise.all([first, ...rest]);
    for (const cursor of cursors) written += cursor.rowsWritten;
    delete (storage.sql as { exec?: unknown }).exec;
    expect(written).toBe(2);
  });
  expect(await rows(room)).toBe(3);
});

test("C3 when the disk is full a write is refused with storage_full, the socket stays, and writes work again with space", async () => {
  const room = labs("commit-full");
  const { peer } = await Peer.live(room);
  await inside(room, (_, { storage }) => {
    storage.sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'database or disk is full: SQLITE_FULL'); END",
    );
  });
  peer.mutate(1, put("1"));
  expect(await peer.expect("refused")).toMatchObject({ m: 1, code: "storage_full" });
  expect(await room.applyText(JSON.stringify([put("2")]), OPEN)).toMatchObject({ ok: false, code: "storage_full" });
  await inside(room, (_, { storage }) => {
    storage.sql.exec("DROP TRIGGER full");
  });
  peer.mutate(2, put("3"));
  expect(await peer.expect("ops")).toMatchObject({ entries: [{ m: 2 }] });
});

test("C1 C3 a row and the checkpoint that is due with it are written both or not at all", async () => {
  const room = labs("commit-transaction");
  await room.applyText(JSON.stringify([put("x".repeat(60_000))]), OPEN);
  await poison(room, "chunks", "body");
  const outcome = await room.applyText(JSON.stringify([put(`poison${"x".repeat(60_000)}`)]), OPEN);
  expect(outcome).toMatchObject({ ok: false, code: "storage_failed" });
  expect([await rows(room), await rows(room, "chunks")]).toEqual([1, 0]);
  // Smaller ones make the checkpoint due as well, without the poison.
  expect(await room.applyText(JSON.stringify([put("y".repeat(60_000))]), OPEN)).toMatchObject({ ok: true });
  expect([await rows(room), await rows(room, "chunks")]).toEqual([2, 1]);
});

test("C3 when storage refuses a row, all of its mutations are refused, nobody else hears, and the room goes on", async () => {
  const room = labs("commit-refused");
  const { peer: a, welcome } = await Peer.live(room);
  const { peer: b } = await Peer.live(room);
  await room.applyText(JSON.stringify([put("before")]), OPEN);
  for (const peer of [a, b]) await peer.expect("ops");
  await poison(room);
  const outcomes = await inside(room, async (instance, state) => {
    const [first, second] = state.getWebSockets();
    if (first === undefined || second === undefined) throw new Error("Two sockets expected");
    // In one turn: the first is committed alone, the others gather while it is being written.
    const good = instance.applyText(JSON.stringify([put("good")]), OPEN);
    instance.webSocketMessage(first, `{"t":"mutate","m":1,"intents":[{"do":"put","key":"b","value":"1"}]}`);
    instance.webSocketMessage(second, `{"t":"mutate","m":1,"intents":[{"do":"put","key":"c","value":"poison"}]}`);
    const bad = instance.applyText(JSON.stringify([put("2", "d")]), OPEN);
    return Promise.all([good, bad]);
  });
  expect(outcomes).toMatchObject([{ ok: true }, { ok: false, code: "storage_failed" }]);
  expect(JSON.stringify(outcomes)).not.toContain("secret of the disk");
  expect(logged).toEqual([expect.stringContaining("secret of the disk")]);
  for (const peer of [a, b]) {
    expect(await peer.expect("ops")).toMatchObject({ seq: 2, entries: [{ ops: [put2("good")] }] });
    expect(await peer.next()).toMatchObject({ ...FAILED, m: 1 });
  }
  expect(await room.readText()).toMatchObject({ text: '{"values":{"a":"good"},"ops":2}' });
  // The numbers of those that failed are free, for the ops and for the clients.
  a.mutate(1, put("again"));
  for (const peer of [a, b])
    expect(await peer.expect("ops")).toMatchObject({ seq: 3, entries: [{ m: 1, ops: [put2("again")] }] });
  const back = await Peer.live(room, { client: "x".repeat(20) });
  expect(back.snapshot).toMatchObject({ seq: 3, state: { values: { a: "again" }, ops: 3 } });
  expect(welcome.epoch).toBe(back.welcome.epoch);
  expect([...a.unread, ...b.unread]).toEqual([]);
});

function put2(value: string): { put: string; value: string } {
  return { put: "a", value };
}

test("C3 X1 a duplicate of a mutation that was not stored is told so too", async () => {
  const room = labs("commit-duplicate-refused");
  const { peer } = await Peer.live(room);
  await room.applyText('[{"do":"nothing"}]', OPEN);
  await room.applyText(JSON.stringify([put("before")]), OPEN);
  await peer.expect("ops");
  await poison(room);
  const outcomes = await inside(room, async (instance, state) => {
    const [ws] = state.getWebSockets();
    if (ws === undefined) throw new Error("A socket expected");
    const good = instance.applyText(JSON.stringify([put("good")]), OPEN);
    const poisoned = JSON.stringify([put("poison")]);
    const writes = [1, 2].map(async () => instance.applyText(poisoned, OPEN, { idempotencyKey: "k" }));
    const frame = `{"t":"mutate","m":1,"intents":${poisoned}}`;
    instance.webSocketMessage(ws, `${frame}\n${frame}`);
    return Promise.all([good, ...writes]);
  });
  expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code))).toEqual([
    "ok",
    "storage_failed",
    "storage_failed",
  ]);
  expect(await peer.expect("ops")).toMatchObject({ seq: 2 });
  for (const _ of [1, 2]) expect(await peer.next()).toMatchObject({ ...FAILED, m: 1 });
  expect(await room.readText()).toMatchObject({ text: '{"values":{"a":"good"},"ops":2}' });
});

test("C3 an answer that rests on a mutation that was not stored is not given", async () => {
  const room = labs("commit-rests-on");
  await room.applyText(JSON.stringify([put("before")]), OPEN);
  await poison(room);
  const outcomes = await inside(room, async (instance) =>
    Promise.all([
      instance.applyText(JSON.stringify([put("good")]), OPEN),
      instance.applyText(JSON.stringify([put("poison")]), OPEN),
      // Over a state that has the poison this is true and changes nothing.
      instance.applyText('[{"do":"expect","key":"a","value":"poison"}]', OPEN),
    ]),
  );
  expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code))).toEqual([
    "ok",
    "storage_failed",
    "storage_failed",
  ]);
});

test("C3 what fails after the row is stored is no failure of the mutation", async () => {
  const room = labs("commit-after");
  const { peer } = await Peer.live(room);
  await inside(room, (instance) => {
    const committed = (): never => {
      throw new Error("secret of the disk");
    };
    Object.assign(instance, { committed });
  });
  peer.mutate(1, put("stored"));
  expect(await peer.expect("ops")).toMatchObject({ seq: 1, entries: [{ m: 1 }] });
  expect(await room.applyText(JSON.stringify([put("too")]), OPEN)).toMatchObject({ ok: true });
  expect(await peer.expect("ops")).toMatchObject({ seq: 2 });
});

test("C3 a write is stored with the jobs that it calls for, or not at all", async () => {
  const room = labs("commit-jobs");
  await inside(room, async (instance, { storage }) => {
    await instance.saveVersion("nothing", OPEN);
    storage.sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON alarms BEGIN SELECT RAISE(ABORT, 'secret of the disk'); END",
    );
    expect(await instance.applyText(JSON.stringify([put("lost")]), OPEN)).toMatchObject({ code: "storage_failed" });
    expect(await storage.getAlarm()).toBe(null);
    storage.sql.exec("DROP TRIGGER full");
    expect(await instance.applyText(JSON.stringify([put("stored")]), OPEN)).toMatchObject({ ok: true });
    expect(storage.sql.exec("SELECT task FROM alarms").toArray()).toEqual([{ task: "expire" }]);
    expect(await storage.getAlarm()).toBeGreaterThan(Date.now());
  });
  expect(await room.readText()).toMatchObject({ text: '{"values":{"a":"stored"},"ops":1}' });
});

test("C3 a clear or a restore that storage refuses changes nothing", async () => {
  const room = labs("commit-clear-refused");
  const { peer } = await Peer.live(room);
  await room.applyText(JSON.stringify([put("kept")]), OPEN);
  await peer.expect("ops");
  await room.saveVersion("v", OPEN);
  const before = await room.readText();
  await inside(room, (_, { storage }) => {
    storage.sql.exec(
      `CREATE TRIGGER kept BEFORE INSERT ON chunks WHEN NEW.owner = 'checkpoint'
       BEGIN SELECT RAISE(ABORT, 'secret of the disk'); END`,
    );
  });
  for (const outcome of [await room.clear(OPEN), await room.restoreVersion("v", OPEN)]) {
    expect(outcome).toMatchObject({ ok: false, code: "storage_failed" });
    expect(JSON.stringify(outcome)).not.toContain("secret");
  }
  expect(await room.readText()).toEqual(before);
  expect(await room.applyText(JSON.stringify([put("on")]), OPEN)).toMatchObject({ ok: true });
  expect(await peer.expect("ops")).toMatchObject({ seq: 2 });
  const back = await Peer.live(room);
  expect(back.welcome).toMatchObject({ epoch: before.version.split(".")[0], head: 2 });
});

test("C1 C3 mutations that are each almost a row are stored in rows of their own", async () => {
  const room = labs("commit-large");
  // The write under way keeps the others staged: together they would be over what a row takes.
  const outcomes = await inside(room, async (instance) => {
    const grow = (key: string, units: number): Promise<Outcome> =>
      instance.applyText(JSON.stringify([{ do: "grow", key, units }]), OPEN);
    return Promise.all([grow("first", 1), grow("b", 390_000), grow("c", 580_000), grow("d", 1), grow("e", 700_000)]);
  });
  expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code))).toEqual(["ok", "ok", "ok", "ok", "too_large"]);
  const { text } = await room.readText();
  const state = JSON.parse(text) as { values: Record<string, string>; ops: number };
  expect(Object.entries(state.values).map(([key, value]) => [key, value.length])).toEqual(
    Object.entries({ first: 1, b: 390_000, c: 580_000, d: 1 }),
  );
  // The platform takes 2 MB a row; a local one takes more.
  const largest = await inside(
    room,
    (_, { storage }) => storage.sql.exec<{ n: number }>("SELECT max(length(CAST(body AS BLOB))) AS n FROM log").one().n,
  );
  expect(largest).toBeLessThan(2_000_000);
});

test("C4 an idle room commits in the turn; while it is being written, others gather for the next row", async () => {
  const room = labs("commit-turn");
  await room.applyText(JSON.stringify([put("0")]), OPEN);
  await inside(room, async (instance, { storage }) => {
    const count = (): number => storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM log").one().n;
    const write = async (value: string): Promise<Outcome> => instance.applyText(JSON.stringify([put(value)]), OPEN);
    const first = write("1");
    expect(count()).toBe(2);
    const others = ["2", "3", "4"].map(write);
    expect(count()).toBe(2);
    await Promise.all([first, ...others]);
    expect(count()).toBe(3);
  });
});

test("A7 a write's version, to be expected by the next, is its own, whoever else is in the same row", async () => {
  const room = labs("commit-version");
  const epoch = (await Peer.live(room)).welcome.epoch;
  const outcomes = await inside(room, async (instance) =>
    Promise.all(
      ["1", "2", "3", "4"].map(async (value) =>
        instance.applyText(JSON.stringify([put(value), put(value, "b")]), OPEN),
      ),
    ),
  );
  expect(outcomes).toEqual([2, 4, 6, 8].map((seq) => ({ ok: true, version: `${epoch}.${seq}` })));
  expect(await rows(room)).toBe(2);
});

test("C2 C5 a crash at any moment of a write: what anybody was told is stored, and nothing else was told", async () => {
  let told = 0;
  let lost = 0;
  for (let moment = 0; moment < 6; moment += 1) {
    const name = `commit-crash-${moment}`;
    const { peer } = await Peer.live(labs(name));
    let answered = 0;
    const crash = inside(labs(name), async (instance, state) => {
      const [ws] = state.getWebSockets();
      if (ws === undefined) throw new Error("A socket expected");
      for (let m = 1; m <= 4; m += 1) {
        instance.webSocketMessage(ws, `{"t":"mutate","m":${m},"intents":[{"do":"put","key":"a","value":"${m}"}]}`);
      }
      if (moment % 3 === 1) for (let n = 0; n < moment; n += 1) await Promise.resolve();
      if (moment % 3 === 2) {
        const outcome = await instance.applyText(JSON.stringify([put("5")]), OPEN);
        if (outcome.ok) answered = Number(outcome.version.split(".")[1]);
      }
      state.abort("on purpose");
    });
    await expect(crash).rejects.toThrow("on purpose");
    await peer.closed;
    const page = await labs(name).history({});
    if ("ok" in page) throw new Error(page.message);
    const stored = page.runs.flatMap((run) => run.entries).map(({ m }) => m ?? 5);
    const heard = peer.unread.flatMap((line) => {
      const message = JSON.parse(line) as { t: string; entries: { m?: number }[] };
      return message.t === "ops" ? message.entries.map(({ m }) => m ?? 5) : [];
    });
    expect(stored).toEqual([1, 2, 3, 4, 5].slice(0, stored.length));
    expect(stored.slice(0, heard.length)).toEqual(heard);
    // The answer did not get out of the object, whose storage is the truth.
    expect(answered).toBeLessThanOrEqual(5);
    told += heard.length;
    lost += 4 - Math.min(stored.length, 4);
  }
  // Else no crash came between staging and durability, or none came after it, and nothing was shown.
  expect({ told: told > 0, lost: lost > 0 }).toEqual({ told: true, lost: true });
});
