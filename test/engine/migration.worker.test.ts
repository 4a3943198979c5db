import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { defineKind } from "../../src/kinds/kind.ts";
import { OPEN, type HistoryPage } from "../../src/room/api.ts";
import { hostOf } from "../../src/room/host/durable-object.ts";
import { Engine } from "../../src/room/engine.ts";
import { readHistory } from "../../src/room/history.ts";
import { isBorn, migrateSchema, SCHEMA } from "../../src/room/storage/schema.ts";
import { SavedVersions } from "../../src/room/versions.ts";
import { commit, dump, onStorage } from "./ledger.ts";
import { inside, labs } from "./rooms.ts";

/** Version 1: a list of lines, ops that are bare text. */
const notes1 = defineKind<readonly string[], string, string>({
  name: "notes",
  version: 1,
  initial: () => [],
  decide: (_, line) => [line],
  fold: (lines, line) => [...lines, line],
});

type Line = { readonly line: string; readonly of: number };

/** Version 3: lines that know their version; 2 was objects without. */
const notes3 = defineKind<{ readonly lines: readonly Line[] }, string, Line>({
  name: "notes",
  version: 3,
  initial: () => ({ lines: [] }),
  decide: (_, line) => [{ line, of: 3 }],
  fold: ({ lines }, line) => ({ lines: [...lines, line] }),
  migrate: {
    1: {
      state: (old) => ({ lines: (old as string[]).map((line) => ({ line })) }),
      op: (line) => ({ line }),
    },
    2: {
      state: (old) => ({ lines: (old as { lines: object[] }).lines.map((line) => ({ ...line, of: 2 })) }),
      op: (old) => ({ ...(old as object), of: 2 }),
    },
  },
});

const ADA = { client: "a-client-of-old-code-1", by: "ada", can: ["write" as const] };

function write<State, Op>(
  ledger: import("../../src/room/ledger.ts").Ledger<State, string, Op>,
  m: number,
  line: string,
): void {
  expect(ledger.stage(ADA, { m, intents: [line] })).toBe("staged");
  ledger.commit();
}

test("L4 tables of older code are brought up to date, step by step, with what they hold", async () => {
  await onStorage("migration-schema", ({ storage, open }) => {
    const { sql } = storage;
    commit(open(), { do: "put", key: "a", value: "b" });
    const steps: string[][] = Array.from({ length: SCHEMA }, () => []);
    const at = (): string => sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'").one().value;
    expect(at()).toBe(String(SCHEMA));
    steps.push(["ALTER TABLE log ADD COLUMN mark TEXT", "UPDATE log SET mark = 'second'"]);
    steps.push(["ALTER TABLE log RENAME COLUMN mark TO label"], ["UPDATE log SET label = label || ' and fourth'"]);
    storage.transactionSync(() => migrateSchema(sql, steps));
    expect(at()).toBe(String(SCHEMA + 3));
    expect(sql.exec("SELECT first, label FROM log").toArray()).toEqual([{ first: 1, label: "second and fourth" }]);
    // A second wake has nothing to do.
    const before = dump(storage);
    storage.transactionSync(() => migrateSchema(sql, steps));
    expect(dump(storage)).toEqual(before);
    // A later step runs alone: the earlier ones would fail on tables that they have changed already.
    steps.push(["DELETE FROM log"]);
    storage.transactionSync(() => migrateSchema(sql, steps));
    expect([at(), sql.exec("SELECT * FROM log").toArray()]).toEqual([String(SCHEMA + 4), []]);
  });
});

test("L4 a step that fails leaves the tables as they were", async () => {
  await onStorage("migration-schema-fails", ({ storage, open }) => {
    commit(open(), { do: "put", key: "a", value: "b" });
    const before = dump(storage);
    const none = Array.from({ length: SCHEMA }, () => []);
    const steps = [...none, ["ALTER TABLE log ADD COLUMN mark TEXT"], ["ALTER TABLE nowhere ADD COLUMN mark TEXT"]];
    expect(() => storage.transactionSync(() => migrateSchema(storage.sql, steps))).toThrow(/nowhere/);
    expect(dump(storage)).toEqual(before);
  });
});

test("L4 a new object runs all the steps, and looking does not make one", async () => {
  await onStorage("migration-schema-new", ({ storage }) => {
    expect(isBorn(storage.sql)).toBe(false);
    expect(dump(storage)).toEqual({});
    migrateSchema(storage.sql);
    expect(isBorn(storage.sql)).toBe(true);
    expect(Object.keys(dump(storage)).filter((name) => !name.startsWith("sqlite_"))).toEqual([
      "alarms",
      "chunks",
      "log",
      "meta",
      "segments",
      "versions",
    ]);
  });
});

test("L4 a room whose tables are of newer code is refused untouched, and wakes again under that code", async () => {
  const room = labs("migration-schema-newer");
  await room.applyText('[{"do":"put","key":"a","value":"b"}]', OPEN);
  const before = await room.readText();
  const set = (schema: string): Promise<void> =>
    inside(room, (_, { storage }) => {
      storage.sql.exec("UPDATE meta SET value = ? WHERE key = 'schema'", schema);
    });
  await set("99");
  await evictDurableObject(room);
  await inside(room, async (instance, { storage }) => {
    const stored = dump(storage);
    await expect(instance.readText()).rejects.toThrow("This room was stored with schema 99");
    await expect(instance.applyText('[{"do":"many","count":1}]', OPEN)).rejects.toThrow("schema 99");
    await expect(instance.clear(OPEN)).rejects.toThrow("schema 99");
    await expect(instance.alarm()).rejects.toThrow("schema 99");
    expect(dump(storage)).toEqual(stored);
  });
  await set(String(SCHEMA));
  await evictDurableObject(room);
  expect(await room.readText()).toEqual(before);
});

test.each([
  ["the log alone", 3, 0],
  ["a checkpoint alone", 6, 6],
  ["a checkpoint and the log after it", 9, 6],
])("L1 L4 a room that older code of its kind left in %s wakes under the new", async (name, count, checkpointAt) => {
  await onStorage(`migration-kind-${name}`, ({ openAs, storage }) => {
    const old = openAs(notes1);
    for (let m = 1; m <= count; m += 1) {
      // Refused numbers leave gaps, which must come along.
      write(old, m * 2, `${m}:`.padEnd(m === checkpointAt ? 70_000 : 10, "."));
    }
    const expected = { lines: old.state.map((line) => ({ line, of: 2 })) };
    const seen = openAs(notes3);
    expect(seen.state).toEqual(expected);
    expect(seen.position).toEqual(old.position);
    expect(seen.receipts.summary(ADA.client)).toEqual(old.receipts.summary(ADA.client));
    // It goes on, in rows and checkpoints of its own, beside the old ones.
    write(seen, 100, "new");
    write(seen, 101, "large".padEnd(150_000, "."));
    write(seen, 102, "newest");
    const versions = storage.sql.exec<{ v: number }>("SELECT DISTINCT kind_version AS v FROM log ORDER BY v").toArray();
    expect(versions.map(({ v }) => v)).toEqual([1, 3]);
    const woken = openAs(notes3);
    expect(woken.state).toEqual(seen.state);
    expect(woken.state.lines.map(({ of }) => of)).toEqual([...Array<number>(count).fill(2), 3, 3, 3]);
  });
});

test("L4 L6 history and resume give the ops of older code as today's", async () => {
  await onStorage("migration-readers", async ({ openAs, store }) => {
    const old = openAs(notes1);
    write(old, 1, "one");
    write(old, 2, "two");
    const ledger = openAs(notes3);
    write(ledger, 3, "three");
    const page = readHistory(notes3, ledger, store, {}) as HistoryPage;
    const ops = page.runs.map(({ seq, entries }) => [seq, entries]);
    expect(ops).toEqual([
      [1, [{ by: "ada", m: 1, ops: [{ line: "one", of: 2 }] }]],
      [2, [{ by: "ada", m: 2, ops: [{ line: "two", of: 2 }] }]],
      [3, [{ by: "ada", m: 3, ops: [{ line: "three", of: 3 }] }]],
    ]);
  });
  await inside(labs("migration-readers"), async (_, ctx) => {
    const engine = new Engine(hostOf(ctx), { kind: notes3, dialects: [] });
    const { 0: client, 1: server } = new WebSocketPair();
    engine.accept(server, "native", OPEN, {});
    client.accept();
    const heard: string[] = [];
    const tail = new Promise<void>((resolve) => {
      client.addEventListener("message", ({ data }) => {
        heard.push(...String(data).split("\n"));
        if (heard.length === 3) resolve();
      });
    });
    const { epoch } = engine.ledger.position;
    engine.receive(server, JSON.stringify({ t: "hello", v: 1, client: ADA.client, since: { epoch, seq: 1 } }));
    await tail;
    expect(heard.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { t: "welcome", you: "ada", last: 3, resume: "tail" },
      { t: "ops", seq: 2, entries: [{ by: "ada", m: 2, ops: [{ line: "two", of: 2 }] }] },
      { t: "ops", seq: 3, entries: [{ by: "ada", m: 3, ops: [{ line: "three", of: 3 }] }] },
    ]);
  });
});

test("L4 V1 a version that older code saved is read and restored as today's state", async () => {
  const name = "migration-versions";
  await onStorage(name, ({ openAs, storage }) => {
    const old = openAs(notes1);
    write(old, 1, "one");
    const room = new Engine(hostOf(fake(storage)), { kind: notes1, dialects: [] });
    expect(new SavedVersions(notes1, room).save("v", undefined)).toMatchObject({ name: "v" });
  });
  await onStorage(name, ({ storage }) => {
    const room = new Engine(hostOf(fake(storage)), { kind: notes3, dialects: [] });
    const versions = new SavedVersions(notes3, room);
    expect(versions.read("v")).toMatchObject({ text: '{"lines":[{"line":"one","of":2}]}' });
    expect(versions.restore("v", undefined)).toBeUndefined();
    expect(room.ledger.state).toEqual({ lines: [{ line: "one", of: 2 }] });
    expect(versions.list().map(({ name: saved }) => saved)).toContain("before-restore");
  });
});

/** A room without sockets on real storage. */
function fake(storage: DurableObjectStorage): DurableObjectState {
  return { storage, getWebSockets: () => [], setWebSocketAutoResponse: () => {} } as unknown as DurableObjectState;
}

test.each([
  ["its log", 10],
  ["a checkpoint", 70_000],
])("L4 a room whose kind is newer in %s is refused untouched", async (name, length) => {
  await onStorage(`migration-kind-newer-${name}`, ({ openAs, storage }) => {
    const newer = openAs(notes3);
    write(newer, 1, "x".repeat(length));
    const stored = dump(storage);
    expect(() => openAs(notes1)).toThrow("Stored by version 3 of kind notes; this code is version 1.");
    expect(dump(storage)).toEqual(stored);
    expect(openAs(notes3).state).toEqual(newer.state);
  });
});
