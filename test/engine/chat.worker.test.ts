import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { OLDER_PING, OLDER_PONG, PING, PONG } from "../../src/protocol/version.ts";
import { ADMISSION_HEADER, DIALECT_HEADER, PARAMS_HEADER } from "../../src/room/api.ts";
import type { Chats } from "../worker/rooms.ts";
import { play, type Move, type Transcript } from "./conversation.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

type ChatMove = Move<DurableObjectStub<Chats>>;

/** A guest at an address of its own. */
const guest = (address: number): Record<string, string> => ({
  [ADMISSION_HEADER]: JSON.stringify({ can: ["read", "write"], address: `192.0.2.${address}` }),
});
const json = (address: number): Partial<ChatMove> => ({ dialect: "json-chat", headers: guest(address) });
const line = (address: number, name = ""): Partial<ChatMove> => ({
  dialect: "line-chat",
  headers: { ...guest(address), [PARAMS_HEADER]: JSON.stringify({ name }) },
});
const OPEN = { can: ["read", "write", "admin"] } as const;

const name = (text: string): string => JSON.stringify({ name: text });
const say = (text: string): string => JSON.stringify({ message: text });
const mutate = (m: number, ...intents: readonly unknown[]) => [{ t: "mutate", m, intents }];
const hello = (client: string, data: object) => [{ t: "hello", v: 1, client, presence: data }];
const NAT = "nat-nat-nat-nat-nat";

/** Everything that JSON chat has: names, the backlog, errors, comings and goings. */
const JSON_TALK: readonly ChatMove[] = [
  { connect: "ada", ...json(1) },
  { by: "ada", says: name("Ada"), heard: { ada: 2 } },
  { by: "ada", says: say("one"), heard: { ada: 1 } },
  { connect: "bob", ...json(2) },
  // He has not said his name: he hears it with the backlog.
  { by: "ada", says: say("two"), heard: { ada: 1 } },
  { by: "bob", says: "no JSON", heard: { bob: 1 } },
  { by: "bob", says: name("Bob"), heard: { bob: 5, ada: 1 } },
  { by: "bob", says: say("three"), heard: { ada: 1, bob: 1 } },
  { by: "bob", says: say("x".repeat(257)), heard: { bob: 1 } },
  { by: "bob", says: say(""), heard: { bob: 1 } },
  { by: "bob", says: "{", heard: { bob: 1 } },
  { by: "bob", says: name("Mallory"), heard: { bob: 1 } },
  { by: "bob", says: JSON.stringify({ name: "Mallory", message: "four" }), heard: { ada: 1, bob: 1 } },
  { connect: "eve", ...json(3) },
  { by: "eve", says: name("x".repeat(33)), heard: { eve: 1 } },
  { connect: "anon", ...json(4) },
  { by: "anon", says: name(""), heard: { anon: 8, ada: 1, bob: 1 } },
  { by: "anon", says: say("<b>five</b>"), heard: { anon: 1, ada: 1, bob: 1 } },
  { calls: (room) => room.transact([{ type: "delete", n: 1 }]) },
  { calls: (room) => room.transact([{ type: "edit", n: 2, text: "TWO" }]) },
  { calls: (room) => room.transact([{ type: "rules", locked: true }]) },
  { by: "ada", says: say("six"), heard: { ada: 1 } },
  { by: "bob", closes: true, heard: { ada: 1, anon: 1 } },
  { connect: "late", ...json(5) },
  { by: "late", says: name("Late"), heard: { late: 8, ada: 1, anon: 1 } },
  { calls: (room) => room.clear(OPEN) },
  { by: "late", says: say("new"), heard: { late: 1, ada: 1, anon: 1 } },
];

const LINE_TALK: readonly ChatMove[] = [
  { connect: "ada", ...line(8, "Ada"), heard: { ada: 1 } },
  { connect: "bob", ...line(9), heard: { ada: 1, bob: 1 } },
  { by: "bob", says: "hi", heard: { ada: 1, bob: 1 } },
  { by: "ada", says: '{"message":"hi"}', heard: { ada: 1, bob: 1 } },
  { by: "ada", says: "x".repeat(257), heard: { ada: 1 } },
  { by: "ada", says: "", heard: { ada: 1 } },
  { connect: "eve", ...line(10, "x".repeat(33)), heard: { eve: 1 } },
  { by: "bob", closes: true, heard: { ada: 1 } },
  { connect: "carl", ...line(11), heard: { ada: 1, carl: 1 } },
  { by: "carl", says: "late", heard: { ada: 1, carl: 1 } },
];

/** The three formats in one room. A native client hears of the roster by messages of their own. */
const ALL_TALK: readonly ChatMove[] = [
  { connect: "nat" },
  { by: "nat", says: hello(NAT, { name: "Nat", color: "#AABBCC" }), heard: { nat: 3 } },
  { connect: "jay", ...json(6) },
  { by: "jay", says: name("Jay"), heard: { jay: 3, nat: 1 } },
  { connect: "lin", ...line(12), heard: { lin: 1, jay: 1, nat: 1 } },
  { connect: "lou", ...line(13, "Lou"), heard: { lou: 1, lin: 1, jay: 1, nat: 1 } },
  { by: "nat", says: mutate(1, { type: "send", text: "one", key: "k1" }), heard: { nat: 1, jay: 1, lin: 1, lou: 1 } },
  { by: "jay", says: say("two"), heard: { nat: 1, jay: 1, lin: 1, lou: 1 } },
  { by: "lin", says: "three", heard: { nat: 1, jay: 1, lin: 1, lou: 1 } },
  { by: "lou", says: "four", heard: { nat: 1, jay: 1, lin: 1, lou: 1 } },
  { by: "nat", says: mutate(2, { type: "send", text: "five", reply: 2 }), heard: { nat: 1, jay: 1, lin: 1, lou: 1 } },
  { by: "nat", says: mutate(3, { type: "edit", n: 1, text: "ONE" }), heard: { nat: 1 } },
  { by: "nat", says: mutate(4, { type: "react", n: 2, reaction: "👍" }), heard: { nat: 1 } },
  { by: "nat", says: mutate(5, { type: "read", n: 5 }), heard: { nat: 1 } },
  { by: "nat", says: mutate(6, { type: "send", text: "x".repeat(4_001) }), heard: { nat: 1 } },
  { by: "nat", says: [{ t: "presence", data: { name: "x".repeat(33) } }], heard: { nat: 1 } },
  { by: "nat", says: mutate(7, { type: "delete", n: 1 }), heard: { nat: 1 } },
  { by: "lou", closes: true, heard: { nat: 1, jay: 1, lin: 1 } },
  { calls: (room) => room.send("from the Worker", { name: "Bot" }), heard: { nat: 1, jay: 1, lin: 1 } },
  // Shown out: each format is told why in its own way, and the others that he left.
  { by: "nat", says: mutate(8, { type: "ban", n: 2 }), heard: { jay: 1, lin: 1, nat: 2 } },
  { connect: "kim", ...json(7) },
  { by: "kim", says: name("Kim"), heard: { kim: 9, lin: 1, nat: 1 } },
  { calls: (room) => room.messages() },
];

const WITH_EVICTION = [
  ["JSON chat", JSON_TALK],
  ["line chat", LINE_TALK],
  ["all three formats", ALL_TALK],
] as const;

describe.each(WITH_EVICTION)("a conversation in %s", (title, moves) => {
  const played = (label: string, asleep: boolean): Promise<Transcript> => {
    const room = env.CHATS.getByName(`${title} ${label}`);
    return play(room, moves, async () => {
      if (asleep) await sleep(room);
    });
  };

  test("T11 T12 T13 T14 H1 is the same with a sleep after every frame", async () => {
    const awake = await played("awake", false);
    expect(awake).toMatchSnapshot();
    expect(await played("asleep", true)).toEqual(awake);
  });
});

describe("doors", () => {
  const room = (id: string): DurableObjectStub<Chats> => env.CHATS.getByName(id);
  const from = (who: object): Record<string, string> => ({ [ADMISSION_HEADER]: JSON.stringify(who) });
  const inJson = { [DIALECT_HEADER]: "json-chat" };

  test("T12 a name over the limit: an error, 1009, and nobody hears of it", async () => {
    const ada = await Peer.connect(room("1009"), inJson);
    ada.socket.send(name("Ada"));
    expect([await ada.line(), await ada.line()]).toEqual(['{"joined":"Ada"}', '{"ready":true}']);
    const eve = await Peer.connect(room("1009"), inJson);
    eve.socket.send(name("x".repeat(33)));
    expect(await eve.line()).toBe('{"error":"Name too long."}');
    expect((await eve.closed).code).toBe(1009);
    ada.socket.send(say("still quiet"));
    expect(JSON.parse(await ada.line())).toMatchObject({ name: "Ada", message: "still quiet" });
  });

  test("T7 a user's name is the Worker's to say, in every format", async () => {
    const known = from({ can: ["read", "write"], user: { id: "1", name: "Root" } });
    const root = await Peer.connect(room("users"), { ...inJson, ...known });
    root.socket.send(name("Mallory"));
    expect(await root.line()).toBe('{"joined":"Root"}');
    await root.line();
    root.socket.send(say("hi"));
    expect(JSON.parse(await root.line())).toMatchObject({ name: "Root" });
    const inLine = { [DIALECT_HEADER]: "line-chat", [PARAMS_HEADER]: '{"name":"Mallory"}' };
    const other = await Peer.connect(room("users"), { ...inLine, ...known });
    await other.line();
    other.socket.send("ho");
    expect(await other.line()).toBe("Root: ho");
  });

  test("T13 T14 H2 each text frame of line chat is a message, `ping` too, and a native client's ping wakes nobody", async () => {
    const stub = room("ping");
    const inLine = { [DIALECT_HEADER]: "line-chat" };
    const ada = await Peer.connect(stub, inLine);
    expect(await ada.line()).toBe("User joined.");
    const { peer: nat } = await Peer.live(stub);
    for (const text of ["ping", "pong"]) {
      await sleep(stub);
      ada.socket.send(text);
      expect(await ada.line()).toBe(text);
      expect((await nat.expect("ops")).entries[0]?.ops).toMatchObject([{ message: { text } }]);
    }
    await sleep(stub);
    nat.socket.send(PING);
    expect(await nat.line()).toBe(PONG);
    await expect(evictDurableObject(stub)).rejects.toThrow("not currently running");
    nat.socket.send(OLDER_PING);
    expect(await nat.line()).toBe(OLDER_PONG);
    expect(ada.unread).toEqual([]);
  });

  test("T9 banned: shown out at once, and not let in again from that address, in whatever format", async () => {
    // Addresses of its own: those of the conversations have used up their rates.
    const stub = room("ban");
    const { peer } = await Peer.live(stub, { presence: { name: "Troll" } }, guest(51));
    const { peer: other } = await Peer.live(stub, { presence: null }, guest(52));
    peer.mutate(1, { type: "send", text: "spam" });
    await peer.expect("presence");
    await peer.expect("ops");
    await other.expect("ops");
    await sleep(stub);
    await stub.transact([{ type: "ban", n: 1, for: 3_600_000 }]);
    expect((await peer.closed).code).toBe(4503);
    for (const headers of [inJson, { [DIALECT_HEADER]: "line-chat" }, {}]) {
      const response = await stub.fetch("http://room/", {
        headers: { upgrade: "websocket", ...headers, ...guest(51) },
      });
      expect([response.status, await response.text()]).toEqual([
        403,
        expect.stringContaining("banned from this room until"),
      ]);
    }
    const outcome = await stub.applyText('[{"type":"send","text":"x"}]', { can: ["write"], address: "192.0.2.51" });
    expect(outcome).toMatchObject({ ok: false, code: "forbidden" });
    await other.expect("ops");
    await other.expect("presence");
    other.mutate(1, { type: "send", text: "peace" });
    expect((await other.expect("ops")).entries[0]?.ops).toMatchObject([{ message: { text: "peace" } }]);
  });

  test("T9 a guest is known again by the name that the room gave, not by an address alone", async () => {
    const stub = room("ban by name");
    const client = crypto.randomUUID();
    const { peer } = await Peer.live(stub, { client });
    peer.mutate(1, { type: "send", text: "spam" });
    await peer.expect("ops");
    await stub.transact([{ type: "ban", n: 1 }]);
    // Everybody is a moderator here, and cannot be banned.
    peer.mutate(2, { type: "send", text: "admin" });
    await peer.expect("ops");
    const again = await Peer.native(stub, guest(9));
    again.send({ t: "hello", v: 1, client });
    expect((await again.closed).code).toBe(4503);
  });

  test("T4 clearing a room needs a moderator; it has no saved versions", async () => {
    const stub = room("clear");
    await stub.send("hi");
    expect(await stub.clear({ can: ["read", "write"] })).toMatchObject({ ok: false, code: "forbidden" });
    expect(await stub.saveVersion()).toMatchObject({ code: "not_found" });
    expect(await stub.clear(OPEN)).toMatchObject({ ok: true });
    expect(await stub.messages()).toMatchObject({ messages: [] });
  });
});

test("P5 T14 a member of a simple format that sent nothing for an hour is not shown until it sends something", async () => {
  const room = env.CHATS.getByName("ghosts");
  const lin = await Peer.connect(room, {
    [DIALECT_HEADER]: "line-chat",
    ...guest(1),
    [PARAMS_HEADER]: JSON.stringify({ name: "Lin" }),
  });
  const jay = await Peer.connect(room, { [DIALECT_HEADER]: "json-chat", ...guest(2) });
  jay.socket.send(name("Jay"));
  const heard = async (text: string): Promise<void> => {
    while ((await jay.line()) !== text);
  };
  await heard('{"ready":true}');

  /** Lets time pass for both, and the room's alarm come. */
  const after = async (minutes: number): Promise<void> => {
    await runInDurableObject(room, (_, state) => {
      for (const ws of state.getWebSockets()) {
        const attachment = ws.deserializeAttachment() as { readonly since: number; readonly dialect: string };
        const past = attachment.dialect === "line-chat" ? minutes * 60_000 : 59 * 60_000;
        ws.serializeAttachment({ ...attachment, since: Date.now() - past });
      }
      state.storage.sql.exec("UPDATE alarms SET at = 1");
    });
    await evictDurableObject(room);
    expect(await runDurableObjectAlarm(room)).toBe(true);
  };
  const shown = () =>
    runInDurableObject(room, async (instance) =>
      Object.values(await instance.roster()).map(({ data }) => data["name"]),
    );
  await after(59);
  expect(await shown()).toEqual(["Lin", "Jay"]);
  await after(61);
  await heard('{"quit":"Lin"}');
  await evictDurableObject(room);
  expect(await shown()).toEqual(["Jay"]);

  // It was reading all the time, and still is.
  jay.socket.send(say("still there?"));
  while ((await lin.line()) !== "Jay: still there?");
  lin.socket.send("yes");
  await heard('{"joined":"Lin"}');
  expect(JSON.parse(await jay.line())).toMatchObject({ name: "Lin", message: "yes" });
  expect(await shown()).toEqual(["Jay", "Lin"]);
});
