import { afterEach, beforeEach, expect, test } from "vitest";
import { chatKind } from "../../kinds/chat/kind.ts";
import type { ChatIntent, ChatOp, ChatPresence, ChatState, Message } from "../../kinds/chat/types.ts";
import { connect, type Rooms } from "../connect.ts";
import { changed, TestServer } from "../fixtures/server.ts";
import type { ChatHandle, Room } from "../types.ts";
import { chat } from "./chat.ts";
import { keepingAll } from "./long.ts";

const KIND = chatKind();
const LONG = keepingAll(KIND);

let server: TestServer<ChatState, ChatIntent, ChatOp>;
let rooms: Rooms;
let others: Rooms;

beforeEach(async () => {
  server = new TestServer(KIND);
  await server.listen();
  server.onRequest = (request, response) => {
    const { searchParams } = new URL(request.url ?? "", server.url);
    response.end(JSON.stringify(page(Number(searchParams.get("before")), Number(searchParams.get("limit")))));
  };
  rooms = connect(server.url);
  others = connect(server.url);
});

afterEach(async () => {
  rooms.close();
  others.close();
  await server.stop();
});

/** Every message of the room as it reads now. */
function all(): readonly Message[] {
  const ops = server.room.history.flatMap((entry) => entry.ops as ChatOp[]);
  return ops.reduce((state, op) => LONG.fold(state, op), KIND.initial()).recent;
}

function page(before: number, limit: number): { messages: readonly Message[]; next?: number; version: string } {
  const older = all().filter(({ n }) => n < before);
  const messages = older.slice(-limit).toReversed();
  const next = messages.at(-1)?.n;
  return { messages, ...(older.length > limit && next !== undefined && { next }), version: server.room.version };
}

function texts(room: ChatHandle): readonly string[] {
  return (room.messages ?? []).map(({ text }) => text);
}

/** Somebody who says `count` things: `1`, `2` and so on. */
async function talk(count: number, from = 1): Promise<Room<ChatState, ChatIntent, ChatPresence>> {
  const other = others.room<ChatState, ChatIntent, ChatOp, ChatPresence>(KIND, "a");
  await Promise.all(Array.from({ length: count }, (_, i) => other.mutate({ type: "send", text: String(from + i) })));
  return other;
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
}

test("a message shows at once, on its way, and has its number when it is in the room", async () => {
  const room = chat(rooms, "a");
  room.introduce({ name: "Ada", color: "#112233" });
  await room.ready();
  const sent = room.send("hello");
  expect(room.messages).toMatchObject([{ n: 0, text: "hello", sending: true, name: "Ada", from: room.me }]);
  await sent;
  await changed(room, () => room.messages?.[0]?.sending === undefined);
  expect(room.messages).toEqual(server.room.state.recent);
  expect(room.messages).toMatchObject([{ n: 1, text: "hello", color: "#112233", from: room.me }]);
  await room.send("you too", { reply: 1 });
  await changed(room, () => room.messages?.[1]?.n === 2);
  expect(room.messages?.[1]?.reply).toEqual({ n: 1, name: "Ada", text: "hello" });
});

test("before the first connection, and while there is none, messages wait in order", async () => {
  await talk(1);
  const room = chat(rooms, "a");
  const early = [room.send("one"), room.send("two")];
  await Promise.all(early);
  server.mute = true;
  server.cut();
  const late = room.send("three");
  expect(texts(room)).toEqual(["1", "one", "two", "three"]);
  server.mute = false;
  await late;
  await changed(room, () => room.messages?.every(({ sending }) => sending === undefined) === true);
  expect(texts(room)).toEqual(all().map(({ text }) => text));
  expect(all()).toHaveLength(4);
});

/** Cuts the connection, and keeps it cut until the returned function is called. */
async function away(room: ChatHandle): Promise<() => void> {
  server.onConnect = (socket) => socket.terminate();
  server.cut();
  await changed(room, () => room.status.phase === "reconnecting");
  return () => {
    server.onConnect = undefined;
    room.retry();
  };
}

/** How often a message was sent to the room. */
const tries = (text: string): number => server.frames.filter((frame) => frame.includes(`"text":"${text}"`)).length;

const slow = (milliseconds: number): void =>
  server.room.commit({ type: "rules", rules: { slow: milliseconds, locked: false } });

test("S5 what was written offline goes past the rate as that allows it: in order, nothing refused, new messages behind", async () => {
  const room = chat(rooms, "a");
  await room.ready();
  const now = Date.now();
  // However slow this machine is, the next message comes too soon.
  server.room.now = () => now;
  slow(20);
  const comeBack = await away(room);
  const sent = ["one", "two", "three"].map((text) => room.send(text));
  expect([texts(room), room.pending]).toEqual([["one", "two", "three"], 3]);
  comeBack();
  await sent[0];
  await server.until(() => tries("two") > 2);
  expect(tries("three")).toBe(0);
  sent.push(room.send("four"));
  expect(room.messages?.map(({ text, sending, error }) => [text, sending, error])).toEqual([
    ["one", undefined, undefined],
    ["two", true, undefined],
    ["three", true, undefined],
    ["four", true, undefined],
  ]);
  expect([room.pending, tries("four")]).toEqual([3, 0]);
  slow(0);
  await Promise.all(sent);
  expect(all().map(({ text }) => text)).toEqual(["one", "two", "three", "four"]);
  expect(room.pending).toBe(0);
});

test("S5 a message over the rate that was written while live is sending until the room takes it; others stay behind it", async () => {
  const room = chat(rooms, "a");
  await room.ready();
  const now = Date.now();
  server.room.now = () => now;
  slow(20);
  await room.send("one");
  const sent = ["two", "three"].map((text) => room.send(text));
  await server.until(() => tries("two") > 2);
  expect(tries("three")).toBe(0);
  expect(room.messages?.map(({ text, sending, error }) => [text, sending, error])).toEqual([
    ["one", undefined, undefined],
    ["two", true, undefined],
    ["three", true, undefined],
  ]);
  slow(0);
  await Promise.all(sent);
  expect(all().map(({ text }) => text)).toEqual(["one", "two", "three"]);
});

test("S5 a message that would have to wait for minutes is refused at once when it was written while live", async () => {
  const room = chat(rooms, "a");
  await room.ready();
  slow(60_000);
  await room.send("one");
  await expect(room.send("two")).rejects.toMatchObject({ code: "too_many_requests", path: "/rules/slow" });
  expect(tries("two")).toBe(1);
});

test("S5 what waits for the rate and is refused for another reason says so, and what follows goes on; closing ends it", async () => {
  const room = chat(rooms, "a");
  await room.ready();
  const comeBack = await away(room);
  const long = room.send("x".repeat(4_100));
  const short = room.send("short");
  comeBack();
  await expect(long).rejects.toMatchObject({ code: "too_large" });
  await short;
  await away(room);
  const never = [room.send("never"), room.send("nor this")];
  room.close();
  for (const each of never) await expect(each).rejects.toMatchObject({ code: "closed" });
  expect(all().map(({ text }) => text)).toEqual(["short"]);
});

test("a refused message stays, says why, and can be sent again or taken away; nobody else is told", async () => {
  const room = chat(rooms, "a");
  await room.ready();
  const long = "x".repeat(4_100);
  await expect(room.send(long)).rejects.toMatchObject({ code: "too_large" });
  await changed(room, () => room.messages?.[0]?.error !== undefined);
  await room.send("short");
  expect(room.messages).toMatchObject([{ text: "short" }, { n: 0, text: long, error: { code: "too_large" } }]);
  const key = room.messages?.at(-1)?.key ?? "";
  await expect(room.resend(key)).rejects.toMatchObject({ code: "too_large" });
  await changed(room, () => room.messages?.at(-1)?.error !== undefined);
  room.discard(key);
  expect(texts(room)).toEqual(["short"]);
});

test("T5 an answer to a message that is gone is refused, and can be sent by itself", async () => {
  await talk(1);
  const room = chat(rooms, "a");
  await room.ready();
  server.room.commit({ type: "delete", n: 1, by: "g:x", at: 2 });
  await changed(room, () => room.messages?.[0]?.deleted !== undefined);
  await expect(room.send("indeed", { reply: 1 })).rejects.toMatchObject({ path: "/reply" });
  await changed(room, () => room.messages?.at(-1)?.error !== undefined);
  await room.resend(room.messages?.at(-1)?.key ?? "", { asReply: false });
  expect(all().at(-1)).toMatchObject({ text: "indeed" });
  expect(all().at(-1)?.reply).toBeUndefined();
});

test("what has left the room's own state stays with who saw it, and follows what is done to it", async () => {
  await talk(1);
  const room = chat(rooms, "a");
  await room.ready();
  await talk(150, 2);
  await changed(room, () => room.messages?.length === 151);
  expect(texts(room)).toEqual(numbers(1, 151));
  expect(room.hasOlder).toBe(false);
  const [first] = room.messages ?? [];
  // Not in the room's state any more; the room reads it from its log, which the model has not.
  server.room.commit({ type: "edit", n: 1, edit: 152, text: "first", at: 2 });
  await changed(room, () => room.messages?.[0] !== first);
  expect(texts(room)[0]).toBe("first");
  room.forgetOlder(100);
  expect([texts(room).length, room.hasOlder]).toEqual([100, true]);
});

test("a newcomer reads back page by page, and what changes meanwhile is not missed", async () => {
  await talk(250);
  const room = chat(rooms, "a");
  await room.ready();
  expect(texts(room)).toEqual(numbers(151, 250));
  expect(room.hasOlder).toBe(true);
  // The page is read, and only then is a message on it edited; the edit arrives before the page.
  const answer = server.onRequest;
  server.onRequest = (request, response) => {
    const { searchParams } = new URL(request.url ?? "", server.url);
    const body = JSON.stringify(page(Number(searchParams.get("before")), 100));
    server.onRequest = answer;
    const seen = room.version;
    server.room.commit({ type: "edit", n: 60, edit: 251, text: "sixty", at: 2 });
    void changed(room, () => room.version !== seen).then(() => response.end(body));
  };
  const loading = room.loadOlder();
  expect(room.loadingOlder).toBe(true);
  expect(await loading).toBe(true);
  expect(texts(room)).toEqual([...numbers(51, 59), "sixty", ...numbers(61, 250)]);
  expect(await room.loadOlder()).toBe(false);
  expect(texts(room)).toEqual([...numbers(1, 59), "sixty", ...numbers(61, 250)]);
  expect([room.hasOlder, room.loadingOlder]).toEqual([false, false]);
  expect(await room.loadOlder()).toBe(false);
});

test("a page that cannot be had is an error for who asked, and can be asked for again", async () => {
  await talk(150);
  const room = chat(rooms, "a");
  await room.ready();
  const told = Promise.withResolvers<Error>();
  const answer = server.onRequest;
  server.onRequest = (_, response) => void response.writeHead(503).end();
  await expect(room.loadOlder()).rejects.toMatchObject({ code: "internal" });
  server.onRequest = (_, response) =>
    void response.writeHead(401).end('{"error":{"code":"unauthorized","message":"Sign in again."}}');
  await expect(room.loadOlder()).rejects.toMatchObject({ code: "unauthorized", message: "Sign in again." });
  // Nobody looks at it: then it is told, as that of a mutation.
  const careless = chat(connect(server.url, { onError: told.resolve }), "a");
  await careless.ready();
  void careless.loadOlder();
  expect(await told.promise).toMatchObject({ code: "unauthorized" });
  careless.close();
  server.onRequest = answer;
  expect(await room.loadOlder()).toBe(false);
  expect(texts(room)).toEqual(numbers(1, 150));
});

test("after an absence longer than the room's memory every message is there, in order, once, as it reads now", async () => {
  await talk(120);
  const room = chat(rooms, "a");
  await room.ready();
  await room.loadOlder();
  expect(texts(room)).toEqual(numbers(1, 120));
  server.onConnect = (socket) => socket.terminate();
  server.cut();
  await changed(room, () => room.status.phase === "reconnecting");
  for (const text of numbers(121, 470)) {
    const message = { n: server.room.seq + 1, from: "g:x", name: "x", text, at: server.room.seq };
    server.room.commit({ type: "send", message });
  }
  server.room.commit({ type: "delete", n: 10, by: "g:x", at: 2 });
  server.room.trim();
  server.onConnect = undefined;
  room.retry();
  await changed(room, () => room.status.phase === "live");
  expect([room.gap, room.messages?.length]).toEqual([371, 220]);
  await changed(room, () => room.gap === undefined && texts(room)[9] === "");
  expect(texts(room)).toEqual([...numbers(1, 9), "", ...numbers(11, 470)]);
});

test("another history begins anew", async () => {
  await talk(150);
  const room = chat(rooms, "a");
  await room.ready();
  await room.loadOlder();
  server.room.restore(KIND.initial());
  await changed(room, () => room.messages?.length === 0);
  expect(room.hasOlder).toBe(false);
});

test("T18 with the same secret a guest is one person: in a second tab, after a reload, and not among the others", async () => {
  const guest = "the-secret-of-adas-browser";
  const [tab, reloaded] = [connect(server.url, { guest }), connect(server.url, { guest })];
  const one = chat(tab, "a");
  one.introduce({ name: "Ada" });
  await one.ready();
  const sent = one.send("hello");
  expect(one.messages).toMatchObject([{ n: 0, from: one.me }]);
  await sent;
  const two = chat(reloaded, "a");
  two.introduce({ name: "Ada" });
  const zoe = await talk(0);
  zoe.presence.set({ name: "Zoe" });
  await two.ready();
  expect([two.me, two.you === one.you]).toEqual([one.me, false]);
  await changed(two, () => two.members.length > 0 && two.presence.peers.length === 2);
  expect(two.members.map(({ name }) => name)).toEqual(["Zoe"]);
  await two.edit(1, "hello again");
  expect(all()).toMatchObject([{ from: two.me, text: "hello again" }]);
  tab.close();
  reloaded.close();
});

test("who is here, each once, and who is typing", async () => {
  const room = chat(rooms, "a");
  await room.ready();
  const other = await talk(0);
  const third = connect(server.url);
  third.room<ChatState, ChatIntent, ChatOp, ChatPresence>(KIND, "a").presence.set({ name: "Ada" });
  other.presence.set({ name: "Zoe", color: "#112233", typing: Date.now() + 300 });
  await changed(room, () => room.members.length === 2 && room.members[1]?.typing === true);
  expect(room.members).toMatchObject([
    { name: "Ada", typing: false },
    { name: "Zoe", color: "#112233", typing: true },
  ]);
  // Nothing comes: it ends by itself.
  await changed(room, () => room.members[1]?.typing === false);
  room.introduce({ name: "Me" });
  room.typing();
  room.typing();
  await changed(other.presence, () => other.presence.peers.some(({ data }) => data.typing !== undefined));
  await room.send("done");
  await changed(other.presence, () => other.presence.peers.every(({ data }) => data.typing === undefined));
  third.close();
});
