import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { OPEN, type Admission, type Outcome, type RoomApi } from "../../src/room/api.ts";
import { inside, labs, type TestRoom } from "./rooms.ts";

const user = (id: string): Admission => ({ user: { id }, can: ["read", "write"] });

function write(
  room: Pick<RoomApi, "applyText">,
  value: string,
  idempotencyKey: string,
  admission = OPEN,
): Promise<Outcome> {
  return room.applyText(JSON.stringify([{ do: "put", key: "a", value }]), admission, { idempotencyKey });
}

async function values(room: TestRoom): Promise<unknown[]> {
  const page = await room.history({ limit: 1_000 });
  if ("ok" in page) throw new Error(page.message);
  return page.runs.flatMap(({ entries }) =>
    entries.flatMap(({ ops }) => ops.map((op) => (op as { value: string }).value)),
  );
}

test("X7 also once thousands of others have written under theirs, and after a sleep", async () => {
  const room = labs("keys-crowd");
  await write(room, "mine", "mine");
  await inside(room, async (instance) => {
    for (let n = 0; n < 6_000; n += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, k) => write(instance, "other", `other-${n + k}`)));
    }
  });
  await evictDurableObject(room);
  const { version } = await room.readText();
  expect(await write(room, "mine again", "mine")).toEqual({ ok: true, version });
  expect((await room.readText()).text).toBe('{"values":{"a":"other"},"ops":6001}');
});

test("X7 many at once under one key are applied once, and each is told of a version that has it", async () => {
  const room = labs("keys-concurrent");
  const outcomes = await Promise.all(Array.from({ length: 20 }, async (_, n) => write(room, String(n), "k")));
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ ok: true, version: expect.stringMatching(/\.1$/) as string });
  expect(await values(room)).toHaveLength(1);
});

test("X7 also while the first is only staged", async () => {
  const room = labs("keys-staged");
  await write(room, "0", "first");
  await inside(room, async (instance) => {
    const writes = [
      write(instance, "1", "one"),
      write(instance, "2", "two"),
      write(instance, "3", "two"),
      write(instance, "4", "two"),
    ];
    for (const outcome of await Promise.all(writes)) expect(outcome.ok).toBe(true);
  });
  expect(await values(room)).toEqual(["0", "1", "2"]);
});

test("X7 one key of two users is two writes, however their names are put together", async () => {
  const room = labs("keys-users");
  const writes: readonly [string, string, Admission][] = [
    ["1", "k", OPEN],
    ["2", "k", user("ada")],
    ["3", "k", user("bob")],
    ["4", "b:k", user("a")],
    ["5", "k", user("a:b")],
    ["6", ":k", OPEN],
    ["7", 'k"],["', user("a")],
    ["8", "k", user('a","k"],["')],
    ["9", "k", user("null")],
  ];
  for (const [value, key, admission] of writes)
    expect(await write(room, value, key, admission)).toMatchObject({ ok: true });
  for (const [value, key, admission] of writes)
    expect(await write(room, `${value} again`, key, admission)).toMatchObject({ ok: true });
  expect(await values(room)).toEqual(writes.map(([value]) => value));
});

test("X7 a write that was refused is decided afresh under its key", async () => {
  const room = labs("keys-refused");
  const expectB = JSON.stringify([
    { do: "expect", key: "a", value: "b" },
    { do: "put", key: "a", value: "c" },
  ]);
  expect(await room.applyText(expectB, OPEN, { idempotencyKey: "k" })).toMatchObject({ ok: false, code: "conflict" });
  expect(await write(room, "b", "other")).toMatchObject({ ok: true });
  expect(await room.applyText(expectB, OPEN, { idempotencyKey: "k" })).toMatchObject({ ok: true });
  expect(await room.applyText(expectB, OPEN, { idempotencyKey: "k" })).toMatchObject({ ok: true });
  expect(await values(room)).toEqual(["b", "c"]);
});

test("X7 a clear under a key happens once", async () => {
  const room = labs("keys-clear");
  await write(room, "1", "one");
  const first = await room.clear(OPEN, { idempotencyKey: "clear" });
  expect(first).toMatchObject({ ok: true });
  await write(room, "2", "two");
  await evictDurableObject(room);
  const { version } = await room.readText();
  expect(await room.clear(OPEN, { idempotencyKey: "clear" })).toEqual({ ok: true, version });
  expect(await room.readText()).toMatchObject({ text: '{"values":{"a":"2"},"ops":1}' });
  // A write of before the clear is still known.
  expect(await write(room, "1", "one")).toMatchObject({ ok: true });
  expect(await values(room)).toEqual(["2"]);
  expect(await room.clear(OPEN, { idempotencyKey: "another" })).toMatchObject({ ok: true });
  expect((await room.readText()).version).not.toBe(version);
});

test.each(["", "x".repeat(129), "caf\u00e9", "a\nb", "\ud800"])(
  "X7 over RPC too, %j is no key and nothing is written",
  async (key) => {
    const room = labs(`keys-unfit-${key.length}-${key.codePointAt(0) ?? 0}`);
    expect(await write(room, "1", key)).toMatchObject({ ok: false, code: "bad_request" });
    expect(await room.clear(OPEN, { idempotencyKey: key })).toMatchObject({ ok: false, code: "bad_request" });
    expect(await values(room)).toEqual([]);
  },
);
