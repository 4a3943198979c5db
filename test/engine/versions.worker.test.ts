import { evictDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { OPEN, type Admission, type RoomApi } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, shortCounters, type TestRoom } from "./rooms.ts";

const READER: Admission = { user: { id: "r" }, can: ["read"] };
const WRITER: Admission = { user: { id: "w" }, can: ["read", "write"] };

afterEach(() => {
  vi.useRealTimers();
});

async function put(room: TestRoom, value: string): Promise<string> {
  const outcome = await room.applyText(JSON.stringify([{ do: "put", key: "a", value }]), OPEN);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.version;
}

async function value(room: TestRoom): Promise<unknown> {
  return (JSON.parse((await room.readText()).text) as { values: { a?: unknown } }).values.a;
}

async function names(room: Pick<RoomApi, "listVersions">): Promise<string[]> {
  return (await room.listVersions()).map(({ name }) => name);
}

test("V1 a saved version keeps the state until it is saved again or deleted", async () => {
  const room = labs("versions-keep");
  const version = await put(room, "one");
  const info = await room.saveVersion("v", WRITER);
  const { text } = await room.readText();
  expect(info).toEqual({ name: "v", savedAt: expect.any(Number) as number, version, bytes: text.length, by: "w" });
  await put(room, "two");
  await evictDurableObject(room);
  expect(await room.readVersion("v")).toEqual({ version, text });
  expect(await room.listVersions()).toEqual([info]);
  await put(room, "three");
  const again = await room.saveVersion("v", OPEN);
  expect(again).not.toHaveProperty("by");
  expect(await room.listVersions()).toEqual([again]);
  expect(await room.readVersion("v")).toMatchObject({ text: expect.stringContaining("three") as string });
  expect(await room.deleteVersion("v", OPEN)).toMatchObject({ ok: true });
  expect(await room.readVersion("v")).toMatchObject({ ok: false, code: "not_found" });
  expect(await room.listVersions()).toEqual([]);
  await inside(room, (_, { storage }) => {
    expect(storage.sql.exec("SELECT * FROM chunks WHERE owner LIKE 'version%'").toArray()).toEqual([]);
  });
});

test("V1 it outlives retention, a clear and a restore", async () => {
  const room = shortCounters("versions-outlive");
  const add = async (): Promise<unknown> => room.applyText('[{"add":1}]', OPEN);
  await add();
  await room.saveVersion("one", OPEN);
  for (let n = 0; n < 30; n += 1) await add();
  expect(await room.history({ from: 1 })).toMatchObject({ code: "gone" });
  await room.clear(OPEN);
  expect(await room.readVersion("one")).toMatchObject({ text: '{"count":1}' });
  await add();
  expect(await room.restoreVersion("one", OPEN)).toMatchObject({ ok: true });
  await evictDurableObject(room);
  expect(await room.readVersion("one")).toMatchObject({ text: '{"count":1}' });
  expect(await room.readText()).toMatchObject({ text: '{"count":1}' });
});

test("V1 the state of a version is kept whole, whatever its size and characters", async () => {
  const room = labs("versions-large");
  const large = `${"x".repeat(499_990)}🙂${"€🙂\u0000\ud83d".repeat(5)}`;
  for (const shift of ["", "x", "xx"]) {
    for (let n = 0; n < 8; n += 1) {
      const text = JSON.stringify([
        { do: "put", key: `${shift}${n}`, value: large.slice(n * 60_000, (n + 1) * 60_000 + 30) },
      ]);
      expect(await room.applyText(text, OPEN)).toMatchObject({ ok: true });
    }
  }
  await room.saveVersion("large", OPEN);
  const { text } = await room.readText();
  expect(text.length).toBeGreaterThan(1_000_000);
  await room.clear(OPEN);
  await evictDurableObject(room);
  expect((await room.readVersion("large")) as { text: string }).toMatchObject({ text });
  await room.restoreVersion("large", OPEN);
  await evictDurableObject(room);
  expect((await room.readText()).text === text).toBe(true);
});

test("V1 what is staged when a version is saved is in it", async () => {
  const room = labs("versions-staged");
  await put(room, "0");
  await inside(room, async (instance) => {
    const write = async (text: string): Promise<unknown> =>
      instance.applyText(JSON.stringify([{ do: "put", key: "a", value: text }]), OPEN);
    const writes = [write("1"), write("2")];
    const saved = await instance.saveVersion("v", OPEN);
    expect(saved).toMatchObject({ version: expect.stringMatching(/\.3$/) as string });
    await Promise.all(writes);
  });
  expect(await room.readVersion("v")).toMatchObject({ text: expect.stringContaining('"2"') as string });
});

test("V2 R5 a restore replaces the state, rotates the epoch and keeps what it replaced", async () => {
  const room = labs("versions-restore");
  await put(room, "one");
  await room.saveVersion("v", OPEN);
  const replaced = await put(room, "two");
  const { peer, welcome } = await Peer.live(room);
  const outcome = await room.restoreVersion("v", WRITER);
  const { version } = await room.readText();
  expect(outcome).toEqual({ ok: true, version });
  const epoch = version.split(".")[0];
  expect(epoch).not.toBe(welcome.epoch);
  expect(version).toBe(`${epoch}.0`);
  expect(await value(room)).toBe("one");
  expect(await peer.next()).toMatchObject({
    t: "snapshot",
    reset: "restored",
    epoch,
    seq: 0,
    state: { values: { a: "one" } },
  });
  expect(await room.history({})).toEqual({ epoch, runs: [], oldest: 1 });
  expect(await room.readVersion("before-restore")).toMatchObject({
    version: replaced,
    text: expect.stringContaining('"two"') as string,
  });
  expect(await room.listVersions()).toMatchObject([{ name: "before-restore", by: "w" }, { name: "v" }]);
  peer.mutate(1, { do: "put", key: "a", value: "three" });
  expect(await peer.expect("ops")).toMatchObject({ seq: 1 });
});

test("V2 restoring before-restore swaps: there and back again", async () => {
  const room = labs("versions-swap");
  await put(room, "one");
  await room.saveVersion("v", OPEN);
  await put(room, "two");
  const epochs = new Set<string | undefined>();
  await room.restoreVersion("v", OPEN);
  for (const expected of ["two", "one", "two"]) {
    epochs.add((await room.readText()).version.split(".")[0]);
    expect(await room.restoreVersion("before-restore", OPEN)).toMatchObject({ ok: true });
    await evictDurableObject(room);
    expect(await value(room)).toBe(expected);
  }
  expect(epochs.size).toBe(3);
});

test("V2 X1 a mutation of before the restore, sent again after it, is not applied to the restored state", async () => {
  const room = labs("versions-receipts");
  const client = "a-client-across-epochs";
  const { peer } = await Peer.live(room, { client });
  peer.mutate(1, { do: "put", key: "a", value: "one" });
  await peer.expect("ops");
  await room.saveVersion("v", OPEN);
  peer.mutate(2, { do: "put", key: "a", value: "two" });
  await peer.expect("ops");
  await room.restoreVersion("v", OPEN);
  await evictDurableObject(room);
  const { peer: later, welcome } = await Peer.live(room, { client });
  expect(welcome).toMatchObject({ last: 2, gaps: [], head: 0 });
  later.send({ t: "mutate", m: 2, again: "0.0", intents: [{ do: "put", key: "a", value: "two" }] });
  expect(await later.next()).toEqual({ t: "done", m: 2 });
  expect(await value(room)).toBe("one");
});

test("V3 saving and restoring need write, deleting needs admin", async () => {
  const room = labs("versions-permission");
  await put(room, "one");
  const refused = { ok: false, code: "forbidden" };
  expect(await room.saveVersion("v", READER)).toMatchObject(refused);
  expect(await room.saveVersion("v", WRITER)).toMatchObject({ name: "v" });
  expect(await room.restoreVersion("v", READER)).toMatchObject(refused);
  expect(await room.deleteVersion("v", READER)).toMatchObject(refused);
  expect(await room.deleteVersion("v", WRITER)).toMatchObject(refused);
  expect(await room.clear(READER)).toMatchObject(refused);
  expect(await names(room)).toEqual(["v"]);
  expect(await value(room)).toBe("one");
  expect(await room.restoreVersion("v", WRITER)).toMatchObject({ ok: true });
  expect(await room.deleteVersion("v", { can: ["admin"] })).toMatchObject({ ok: true });
  expect(await names(room)).toEqual(["before-restore"]);
});

test.each([
  ["nothing", ""],
  ["65 characters", "x".repeat(65)],
  ["a control", "a\u0007b"],
  ["a NUL", "\u0000"],
  ["a line break", "a\nb"],
  ["DEL", "a\u007f"],
])("V3 %s is no name for a version", async (_, name) => {
  const room = labs("versions-names");
  expect(await room.saveVersion(name, OPEN)).toMatchObject({ ok: false, code: "bad_request" });
  expect(await room.readVersion(name)).toMatchObject({ ok: false, code: "not_found" });
});

test.each(["x", "x".repeat(64), "__proto__", "checkpoint", "'; DROP TABLE log; --", "%", "äöü 🙂", " "])(
  "V1 V3 %j is a name like any other",
  async (name) => {
    const room = labs(`versions-name-${name}`);
    await put(room, name);
    expect(await room.saveVersion(name, OPEN)).toMatchObject({ name });
    await put(room, "after");
    await evictDurableObject(room);
    expect(await value(room)).toBe("after");
    expect(await names(room)).toEqual([name]);
    expect(await room.restoreVersion(name, OPEN)).toMatchObject({ ok: true });
    expect(await value(room)).toBe(name);
    expect(await room.deleteVersion(name, OPEN)).toMatchObject({ ok: true });
    expect(await room.deleteVersion(name, OPEN)).toMatchObject({ ok: false, code: "not_found" });
  },
);

test("V3 over the limit a version is refused, but one can be replaced, and a restore can be undone", async () => {
  const room = shortCounters("versions-limit");
  await room.applyText('[{"add":1}]', OPEN);
  expect(await room.saveVersion("a", OPEN)).toMatchObject({ name: "a" });
  expect(await room.saveVersion("b", OPEN)).toMatchObject({ name: "b" });
  expect(await room.saveVersion("c", OPEN)).toMatchObject({ ok: false, code: "storage_full" });
  expect(await room.saveVersion("a", OPEN)).toMatchObject({ name: "a" });
  expect(await room.restoreVersion("c", OPEN)).toMatchObject({ ok: false, code: "not_found" });
  expect(await names(room)).not.toContain("before-restore");
  expect(await room.restoreVersion("a", OPEN)).toMatchObject({ ok: true });
  expect(new Set(await names(room))).toEqual(new Set(["a", "b", "before-restore"]));
  await room.deleteVersion("b", OPEN);
  await room.deleteVersion("before-restore", OPEN);
  expect(await room.saveVersion("c", OPEN)).toMatchObject({ name: "c" });
});

test("V1 versions are listed newest first", async () => {
  const room = labs("versions-order");
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  for (const [index, name] of ["b", "c", "a"].entries()) {
    vi.setSystemTime(start + index * 1_000);
    await room.saveVersion(name, OPEN);
  }
  expect(await names(room)).toEqual(["a", "c", "b"]);
});

test.each([".", "..", "", "\ud800", "a\udfff", "line\nend", "x".repeat(65)])(
  "V3 a version cannot be called %j, and nothing is saved",
  async (name) => {
    const room = labs(`versions-name-${name.length}-${name.codePointAt(0) ?? 0}`);
    await put(room, "one");
    expect(await room.saveVersion(name, OPEN)).toMatchObject({ ok: false, code: "bad_request" });
    expect(await names(room)).toEqual([]);
  },
);

test.each(["...", ".a", "\u{1F41D}".repeat(32), "Entwurf é"])("V1 a version may be called %j", async (name) => {
  const room = labs(`versions-named-${name}`);
  await put(room, "one");
  expect(await room.saveVersion(name, OPEN)).toMatchObject({ name });
});

test("V1 V3 the server's own calls need no admission, and have all rights", async () => {
  const room = labs("versions-own");
  expect(await room.applyText(JSON.stringify([{ do: "put", key: "a", value: "one" }]))).toMatchObject({ ok: true });
  expect(await room.saveVersion("v")).toMatchObject({ name: "v" });
  expect(await room.history()).toMatchObject({ oldest: 1 });
  expect(await room.clear()).toMatchObject({ ok: true });
  expect(await room.restoreVersion("v")).toMatchObject({ ok: true });
  expect(await value(room)).toBe("one");
  expect(await room.deleteVersion("v")).toMatchObject({ ok: true });
});
