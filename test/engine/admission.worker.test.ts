import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADMISSION_HEADER, OPEN, type Admission, type Outcome } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, smallLabs, type TestRoom } from "./rooms.ts";

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

const READER: Admission = { user: { id: "reader" }, can: ["read"] };
const WRITER: Admission = { user: { id: "writer" }, can: ["read", "write"] };

function as(admission: Admission): Record<string, string> {
  return { [ADMISSION_HEADER]: JSON.stringify(admission) };
}

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let n = 1; n < depth; n += 1) value = [value];
  return value;
}

function rows(room: TestRoom): Promise<number> {
  return inside(room, (_, { storage }) => storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM log").one().n);
}

const put = (value: string, key = "a") => ({ do: "put", key, value });
const large = "x".repeat(2_000);

test("A4 size comes before depth, depth before shape, shape before permission", async () => {
  const room = smallLabs("admission-order");
  const { peer } = await Peer.live(room, {}, as(READER));
  const faults = [
    [{ do: "dance", deep: nested(9), large }, "too_large"],
    [{ do: "dance", deep: nested(9) }, "too_deep"],
    [{ do: "dance" }, "bad_intent"],
    [put("b"), "forbidden"],
  ] as const;
  for (const [index, [intent, code]] of faults.entries()) {
    peer.mutate(index + 1, intent);
    expect(await peer.next()).toMatchObject({ t: "refused", m: index + 1, code });
    expect(await room.applyText(JSON.stringify([intent]), READER)).toMatchObject({ ok: false, code });
  }
  expect(await rows(room)).toBe(0);
});

test("A4 what is exactly at a limit passes, and one more does not", async () => {
  const room = smallLabs("admission-limits");
  const atLimit = JSON.stringify([put("")]).length;
  const fits = JSON.stringify([put("x".repeat(1_000 - atLimit))]);
  expect(fits).toHaveLength(1_000);
  expect(await room.applyText(fits, WRITER)).toMatchObject({ ok: true });
  expect(await room.applyText(JSON.stringify([put("x".repeat(1_001 - atLimit))]), WRITER)).toMatchObject({
    code: "too_large",
  });
  expect(await room.applyText(JSON.stringify([put("€".repeat(400))]), WRITER)).toMatchObject({ code: "too_large" });
  expect(await room.applyText(JSON.stringify(Array(3).fill(put("b"))), WRITER)).toMatchObject({ ok: true });
  expect(await room.applyText(JSON.stringify(Array(4).fill(put("b"))), WRITER)).toMatchObject({ code: "too_large" });
});

test.each([
  ["not JSON", "[", "bad_json"],
  ["not a list", '{"do":"nothing"}', "bad_message"],
  ["null", "null", "bad_message"],
  ["an empty list", "[]", "bad_message"],
  ["a list of null", "[null]", "bad_intent"],
  ["__proto__", '[{"__proto__":{"do":"nothing"}}]', "bad_intent"],
  ["deep", `[${"[".repeat(60_000)}${"]".repeat(60_000)}]`, "too_deep"],
])("A4 A5 intents over RPC that are %s are refused", async (name, text, code) => {
  const room = labs(`admission-rpc-${name}`);
  expect(await room.applyText(text, OPEN)).toMatchObject({ ok: false, code });
  expect((await room.readText()).version).toBe("0.0");
});

test("A4 admin intents need admin, and a connection may do what its admission says", async () => {
  const room = labs("admission-permission");
  const { peer: writer, welcome } = await Peer.live(room, {}, as(WRITER));
  expect(welcome).toMatchObject({ can: ["read", "write"], user: { id: "writer" } });
  const { peer: admin } = await Peer.live(room, {}, as({ can: ["admin"] }));
  writer.mutate(1, { do: "admin" });
  expect(await writer.next()).toMatchObject({ code: "forbidden", m: 1, intent: 0 });
  admin.mutate(1, put("b"));
  expect(await admin.next()).toMatchObject({ code: "forbidden", m: 1 });
  admin.mutate(2, { do: "admin" });
  expect(await admin.expect("ops")).toMatchObject({ seq: 1, entries: [{ m: 2 }] });
});

test("A5 a refused mutation changes nothing, logs nothing and is told to its sender alone", async () => {
  const room = labs("admission-refused");
  const { peer: sender } = await Peer.live(room);
  const { peer: other } = await Peer.live(room, { presence: null });
  sender.mutate(1, { do: "expect", key: "a", value: "nobody wrote this" });
  expect(await sender.next()).toEqual({
    t: "refused",
    m: 1,
    code: "conflict",
    message: "Not nobody wrote this.",
    intent: 0,
    path: "/values/a",
  });
  expect(await rows(room)).toBe(0);
  expect(await room.readText()).toMatchObject({ text: '{"values":{},"ops":0}' });
  sender.mutate(2, put("b"));
  expect(await other.expect("ops")).toMatchObject({ seq: 1 });
  expect(other.unread).toEqual([]);
});

test("A6 of several intents all are applied or none, and the refusal names the one at fault", async () => {
  const room = labs("admission-atomic");
  const { peer } = await Peer.live(room);
  const refusals: readonly (readonly [unknown, object])[] = [
    [
      { do: "expect", key: "b", value: "no" },
      { code: "conflict", intent: 2, path: "/values/b" },
    ],
    [{ do: "dance" }, { code: "bad_intent", intent: 2 }],
    [{ do: "fault", in: "decide" }, { code: "internal" }],
  ];
  for (const [index, [bad, refusal]] of refusals.entries()) {
    peer.mutate(index + 1, put("1"), { do: "many", count: 3 }, bad, put("2"));
    expect(await peer.next()).toMatchObject({ t: "refused", m: index + 1, ...refusal });
  }
  expect(await room.readText()).toMatchObject({ text: '{"values":{},"ops":0}' });
  // Each sees what those before it in the same mutation did.
  peer.mutate(9, put("1"), { do: "expect", key: "a", value: "1" }, put("2"));
  expect(await peer.expect("ops")).toMatchObject({
    seq: 1,
    entries: [{ m: 9, ops: [{ value: "1" }, { value: "2" }] }],
  });
});

test("A7 ifVersion counts what is staged before it", async () => {
  const room = labs("admission-version");
  const { peer, welcome } = await Peer.live(room);
  const { epoch } = welcome;
  const at = (m: number, seq: number, ...intents: unknown[]) => ({
    t: "mutate" as const,
    m,
    intents,
    ifVersion: `${epoch}.${seq}`,
  });
  peer.send(
    at(1, 0, { do: "many", count: 3 }),
    at(2, 3, put("x")),
    at(3, 3, put("late")),
    at(4, 5, put("early")),
    at(5, 4, put("y")),
  );
  expect(await peer.next()).toMatchObject({ t: "refused", m: 3, code: "version_mismatch" });
  expect(await peer.next()).toMatchObject({ t: "refused", m: 4, code: "version_mismatch" });
  expect((await peer.expect("ops")).entries.map(({ m }) => m)).toEqual([1, 2, 5]);
  const write = (ifVersion: string): Promise<Outcome> =>
    room.applyText(JSON.stringify([put("z")]), OPEN, { ifVersion });
  for (const wrong of [`${epoch}.4`, `${epoch}.6`, "0.0", "", `${epoch}.05`, `${epoch}.5 `, "another.5"]) {
    expect(await write(wrong)).toMatchObject({ ok: false, code: "version_mismatch" });
    expect(await room.clear(OPEN, { ifVersion: wrong })).toMatchObject({ ok: false, code: "version_mismatch" });
  }
  expect(await write(`${epoch}.5`)).toEqual({ ok: true, version: `${epoch}.6` });
});

test("A7 two writers that expect the same version: one wins", async () => {
  const room = labs("admission-race");
  const { version } = await room.readText();
  const outcomes = await Promise.all(
    ["1", "2", "3"].map(async (value) => room.applyText(JSON.stringify([put(value)]), OPEN, { ifVersion: version })),
  );
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
});

test.each(["shape", "decide", "fold", "json"])(
  "A8 a fault in a kind's %s is refused with internal, and the room goes on",
  async (where) => {
    const room = labs(`admission-fault-${where}`);
    const { peer } = await Peer.live(room);
    const { peer: other } = await Peer.live(room);
    const fault = { do: "fault", in: where };
    peer.send(
      { t: "mutate", m: 1, intents: [put("1")] },
      { t: "mutate", m: 2, intents: [put("lost"), fault] },
      { t: "mutate", m: 3, intents: [put("3", "b")] },
    );
    expect(await peer.next()).toEqual({
      t: "refused",
      m: 2,
      code: "internal",
      message: "The room failed on this intent; nothing of it was applied.",
    });
    expect((await peer.expect("ops")).entries.map(({ m }) => m)).toEqual([1, 3]);
    expect(await other.expect("ops")).toMatchObject({ seq: 1 });
    const outcome = await room.applyText(JSON.stringify([fault]), OPEN);
    expect(outcome).toMatchObject({ ok: false, code: "internal" });
    expect(JSON.stringify(outcome)).not.toMatch(/secret|BigInt|stack/);
    expect(await room.readText()).toMatchObject({ text: '{"values":{"a":"1","b":"3"},"ops":2}' });
    // The cause is where the server's owner finds it.
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatch(/secret|BigInt/);
    expect(other.unread).toEqual([]);
  },
);
