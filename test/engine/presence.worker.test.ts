import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { PresenceChange, PresenceRecord } from "../../src/protocol/room/presence.ts";
import { OLDER_PING, OLDER_PONG, PING, PONG } from "../../src/protocol/version.ts";
import type { Counters } from "../worker/rooms.ts";
import { Peer } from "./peer.ts";

type Room = DurableObjectStub<Counters>;

interface Member {
  readonly peer: Peer;
  readonly conn: string;
  readonly you: string;
}

/** Connects, joins or watches, and reads up to where the connection is live. */
async function join(room: Room, presence: Record<string, unknown> | null, client?: string): Promise<Member> {
  const peer = await Peer.native(room);
  const { conn, you } = await peer.hello({ presence, ...(client === undefined ? {} : { client }) });
  await peer.expect("snapshot");
  return { peer, conn, you };
}

/** Reads roster messages until one satisfies; answers all that were read. */
async function rosterUntil(peer: Peer, enough: (change: PresenceChange) => boolean): Promise<PresenceChange[]> {
  const seen: PresenceChange[] = [];
  for (;;) {
    const change = await peer.expect("presence");
    seen.push(change);
    if (enough(change)) return seen;
  }
}

function roster(room: Room): Promise<Readonly<Record<string, PresenceRecord>>> {
  // Not over RPC: its types do not let records of unknown values through.
  return runInDurableObject(room, (instance: Counters) => instance.roster());
}

/** Makes a connection look as if it had last been heard of long ago. */
function age(room: Room, conn: string, milliseconds: number): Promise<void> {
  return runInDurableObject(room, (_, state) => {
    for (const ws of state.getWebSockets()) {
      const attachment = ws.deserializeAttachment() as { readonly id: string; readonly since: number };
      if (attachment.id === conn) ws.serializeAttachment({ ...attachment, since: attachment.since - milliseconds });
    }
  });
}

test("P1 a member appears with its first presence and leaves with its connection", async () => {
  const room = env.COUNTERS.getByName("p1");
  const watcher = await join(room, null);
  const ada = await join(room, { name: "Ada" });
  expect(await watcher.peer.expect("presence")).toEqual({
    t: "presence",
    set: { [ada.conn]: { by: ada.you, data: { name: "Ada" } } },
    gone: [],
  });
  const bob = await Peer.native(room);
  const welcome = await bob.hello({ presence: { name: "Bob" } });
  expect(welcome.presence).toEqual({
    [ada.conn]: { by: ada.you, data: { name: "Ada" } },
    [welcome.conn]: { by: welcome.you, data: { name: "Bob" } },
  });
  await rosterUntil(watcher.peer, ({ set }) => Object.hasOwn(set, welcome.conn));
  ada.peer.socket.close(1000);
  expect((await rosterUntil(watcher.peer, ({ gone }) => gone.includes(ada.conn))).at(-1)?.set).toEqual({});
});

test("P1 a member that shows null leaves the roster and goes on watching it", async () => {
  const room = env.COUNTERS.getByName("p1-null");
  const ada = await join(room, { name: "Ada" });
  const bob = await join(room, { name: "Bob" });
  await rosterUntil(ada.peer, ({ set }) => Object.hasOwn(set, bob.conn));
  ada.peer.send({ t: "presence", data: null });
  await rosterUntil(bob.peer, ({ gone }) => gone.includes(ada.conn));
  await rosterUntil(ada.peer, ({ gone }) => gone.includes(ada.conn));
  bob.peer.send({ t: "presence", data: { name: "Robert" } });
  await rosterUntil(ada.peer, ({ set }) => set[bob.conn]?.data["name"] === "Robert");
});

test("P2 what changes in one turn reaches the others as one message, with the latest data", async () => {
  const room = env.COUNTERS.getByName("p2");
  const watcher = await join(room, null);
  const ada = await join(room, { x: 0 });
  await rosterUntil(watcher.peer, ({ set }) => Object.hasOwn(set, ada.conn));
  ada.peer.send(...Array.from({ length: 50 }, (_, x) => ({ t: "presence", data: { x } }) as const));
  const seen = await rosterUntil(watcher.peer, ({ set }) => set[ada.conn]?.data["x"] === 49);
  expect(seen).toHaveLength(1);
});

test("P2 what changes between two messages is merged, and nothing of it is lost", async () => {
  const room = env.COUNTERS.getByName("p2-between");
  const watcher = await join(room, null);
  const members = await Promise.all([1, 2, 3].map((x) => join(room, { x })));
  const folded = new Map<string, unknown>();
  const fold = ({ set, gone }: PresenceChange): void => {
    for (const conn of gone) folded.delete(conn);
    for (const [conn, { data }] of Object.entries(set)) folded.set(conn, data["x"]);
  };
  const began = Date.now();
  for (let x = 10; x < 60; x += 1) for (const { peer } of members) peer.send({ t: "presence", data: { x } });
  const seen = await rosterUntil(watcher.peer, (change) => {
    fold(change);
    return members.every(({ conn }) => folded.get(conn) === 59);
  });
  // 150 changes, and at most one message in 50 ms: beside the first, one that was due, and one that was late.
  expect(seen.length).toBeLessThanOrEqual(3 + (Date.now() - began) / 50);
  members[0]?.peer.socket.close(1000);
  await rosterUntil(watcher.peer, (change) => {
    fold(change);
    return folded.size === 2;
  });
});

test("P3 presence is not numbered and leaves the log as it was", async () => {
  const room = env.COUNTERS.getByName("p3");
  const watcher = await join(room, null);
  const ada = await join(room, { x: 0 });
  const rows = () =>
    runInDurableObject(room, (_, { storage }) => storage.sql.exec("SELECT count(*) AS n FROM log").one()["n"]);
  const { version } = await room.readText();
  expect(await rows()).toBe(0);
  ada.peer.send({ t: "presence", data: { x: 1 } });
  ada.peer.send({ t: "presence", data: { x: 2 } });
  await rosterUntil(watcher.peer, ({ set }) => set[ada.conn]?.data["x"] === 2);
  expect(await rows()).toBe(0);
  expect((await room.readText()).version).toBe(version);
  ada.peer.mutate(1, { add: 1 });
  expect(await watcher.peer.expect("ops")).toMatchObject({ seq: 1 });
});

test("P5 a silent member is removed when somebody arrives; one that pings stays", async () => {
  const room = env.COUNTERS.getByName("p5");
  const ghost = await join(room, { name: "Ghost" });
  const quiet = await join(room, { name: "Quiet" });
  const fresh = await join(room, { name: "Fresh" });
  const older = await join(room, { name: "Older" });
  for (const { conn } of [ghost, quiet, older]) await age(room, conn, 91_000);
  await age(room, fresh.conn, 80_000);
  await evictDurableObject(room);
  quiet.peer.socket.send(PING);
  expect(await untilLine(quiet.peer, PONG)).toBe(true);
  older.peer.socket.send(OLDER_PING);
  expect(await untilLine(older.peer, OLDER_PONG)).toBe(true);
  await evictDurableObject(room);
  const late = await Peer.native(room);
  const { presence = {} } = await late.hello({ presence: null });
  expect(Object.keys(presence).toSorted()).toEqual([quiet.conn, older.conn, fresh.conn].toSorted());
  expect(await ghost.peer.closed).toMatchObject({ code: 4403, reason: "unresponsive: No sign of life for too long." });
  await rosterUntil(fresh.peer, ({ gone }) => gone.includes(ghost.conn));
});

test("P5 a member that says something stays though it never pings, and the room has slept since", async () => {
  const room = env.COUNTERS.getByName("p5-busy");
  const ghost = await join(room, { name: "Ghost" });
  const busy = await join(room, { name: "Busy" });
  for (const { conn } of [ghost, busy]) await age(room, conn, 91_000);
  await evictDurableObject(room);
  busy.peer.mutate(1, { add: 1 });
  let heard = await busy.peer.next();
  while (heard.t !== "ops") heard = await busy.peer.next();
  await evictDurableObject(room);
  const late = await Peer.native(room);
  const { presence = {} } = await late.hello({ presence: null });
  expect(Object.keys(presence)).toEqual([busy.conn]);
  expect(await ghost.peer.closed).toMatchObject({ code: 4403 });
});

test("P5 H3 nobody arrives: the room's alarm removes the silent member within five minutes", async () => {
  const room = env.COUNTERS.getByName("p5-alarm");
  const before = Date.now();
  const watcher = await join(room, null);
  const ghost = await join(room, { name: "Ghost" });
  await rosterUntil(watcher.peer, ({ set }) => Object.hasOwn(set, ghost.conn));
  const alarm = await runInDurableObject(room, (_, { storage }) => storage.getAlarm());
  expect(alarm).toBeGreaterThan(before);
  expect(alarm).toBeLessThanOrEqual(Date.now() + 5 * 60_000);

  // Too early for the ghost: the room looks, finds it alive, and must look again by itself.
  await due(room);
  expect(await runDurableObjectAlarm(room)).toBe(true);
  expect(Object.keys(await roster(room))).toEqual([ghost.conn]);
  await age(room, ghost.conn, 91_000);
  await due(room);
  expect(await runDurableObjectAlarm(room)).toBe(true);
  await rosterUntil(watcher.peer, ({ gone }) => gone.includes(ghost.conn));
  expect(await ghost.peer.closed).toMatchObject({ code: 4403 });
  expect(await runInDurableObject(room, (_, { storage }) => storage.getAlarm())).toBeNull();
});

test("P6 a connection that did not ask is not told; its own first presence is answered with the whole roster", async () => {
  const room = env.COUNTERS.getByName("p6");
  const plain = await Peer.native(room);
  const welcome = await plain.hello();
  expect(welcome.presence).toBeUndefined();
  await plain.expect("snapshot");
  const ada = await join(room, { name: "Ada" });
  const watcher = await join(room, null);
  ada.peer.send({ t: "presence", data: { name: "Ada", x: 1 } });
  await rosterUntil(watcher.peer, ({ set }) => set[ada.conn]?.data["x"] === 1);
  ada.peer.mutate(1, { add: 1 });
  // The first thing that it hears of is the op: of all the presence before it, nothing.
  await plain.expect("ops");
  plain.send({ t: "presence", data: { name: "Plain" } });
  expect(await plain.expect("presence")).toEqual({
    t: "presence",
    all: true,
    set: {
      [ada.conn]: { by: ada.you, data: { name: "Ada", x: 1 } },
      [welcome.conn]: { by: welcome.you, data: { name: "Plain" } },
    },
    gone: [],
  });
});

test("P7 presence over its limit is refused and leaves the earlier one", async () => {
  const room = env.COUNTERS.getByName("p7");
  const watcher = await join(room, null);
  const ada = await join(room, { name: "Ada" });
  await rosterUntil(watcher.peer, ({ set }) => Object.hasOwn(set, ada.conn));
  // 2 KiB in UTF-8, though fewer characters.
  ada.peer.send({ t: "presence", data: { name: "ä".repeat(1_020) } });
  let answer = await ada.peer.next();
  while (answer.t === "presence") answer = await ada.peer.next();
  expect(answer).toMatchObject({ t: "refused", code: "too_large" });
  expect(answer).not.toHaveProperty("m");
  expect(await roster(room)).toEqual({ [ada.conn]: { by: ada.you, data: { name: "Ada" } } });
  ada.peer.send({ t: "presence", data: { name: "ä".repeat(1_000) } });
  expect(await rosterUntil(watcher.peer, () => true)).toMatchObject([{ set: { [ada.conn]: { by: ada.you } } }]);
});

/** Makes every planned task due now, as if the time had passed. */
async function due(room: Room): Promise<void> {
  await runInDurableObject(room, (_, { storage }) => {
    storage.sql.exec("UPDATE alarms SET at = 1");
  });
  await evictDurableObject(room);
}

async function untilLine(peer: Peer, line: string): Promise<boolean> {
  while ((await peer.line()) !== line);
  return true;
}

/** A room whose only member is dead, and whose sweep has come while it was alone. */
async function deserted(name: string): Promise<{ readonly room: Room; readonly ghost: Member }> {
  const room = env.COUNTERS.getByName(name);
  const ghost = await join(room, { name: "Ghost" });
  await due(room);
  expect(await runDurableObjectAlarm(room)).toBe(true);
  expect(await runInDurableObject(room, (_, { storage }) => storage.getAlarm())).toBeNull();
  return { room, ghost };
}

/** Lets the time pass after which `conn` counts as dead, and the room's next alarm. */
async function overdue(room: Room, conn: string): Promise<void> {
  expect(await runInDurableObject(room, (_, { storage }) => storage.getAlarm())).not.toBeNull();
  await age(room, conn, 91_000);
  await due(room);
  expect(await runDurableObjectAlarm(room)).toBe(true);
}

test.each([
  ["watches", { presence: null }, undefined],
  ["begins to watch later", {}, [{ t: "presence", data: null }]],
] as const)(
  "P5 a dead member whose sweep found it alone is removed when somebody %s who shows nothing",
  async (title, hello, later) => {
    const { room, ghost } = await deserted(`p5 alone ${title}`);
    const watcher = await Peer.native(room);
    await watcher.hello(hello);
    await watcher.expect("snapshot");
    if (later !== undefined) {
      watcher.send(...later);
      await rosterUntil(watcher, ({ set }) => Object.hasOwn(set, ghost.conn));
    }
    await overdue(room, ghost.conn);
    await rosterUntil(watcher, ({ gone }) => gone.includes(ghost.conn));
    expect(await ghost.peer.closed).toMatchObject({ code: 4403 });
  },
);

test("P5 a dead member that is alone is not on the roster that a program reads", async () => {
  const { room, ghost } = await deserted("p5 alone read");
  expect(Object.keys(await roster(room))).toEqual([ghost.conn]);
  await age(room, ghost.conn, 91_000);
  await evictDurableObject(room);
  expect(await roster(room)).toEqual({});
  expect(await ghost.peer.closed).toMatchObject({ code: 4403 });
});
