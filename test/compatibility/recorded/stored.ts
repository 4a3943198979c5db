import type { Conversation } from "../conversation.ts";
import { ADA, BOB, GUEST, PRIVATE } from "./seed.ts";

export type Scene = (talk: Conversation) => Promise<void>;

const mutate = (m: number, ...intents: readonly object[]) => ({ t: "mutate", m, intents });
const hello = (client: string, more: object = {}) => ({ t: "hello", v: 1, client, ...more });
const key = (name: string) => ({ "idempotency-key": name });
const NEW = "fixture-client-new-0001";

/** The epoch of a room, as its ETag or a position says it. */
const epochIn = (text: string): string => /"(?:version|epoch|head|position)":"([a-z0-9]+)/.exec(text)?.[1] ?? "";

/** Everything that a newcomer, and one who was away, gets over the native protocol. */
async function joins(talk: Conversation, path: string, client: string, epoch: string, middle: number): Promise<void> {
  await talk.native("newcomer", path);
  await talk.send("newcomer", hello(NEW), 2);
  await talk.close("newcomer");
  await talk.native("away", path);
  await talk.send("away", hello(client, { since: { epoch, seq: middle } }), 2);
  await talk.close("away");
}

async function documents(talk: Conversation): Promise<void> {
  for (const id of ["notes", "restored", "emptied", "a%2Fb%20%C3%BC", "large", "checkpointed", "nobody"]) {
    await talk.http("GET", `/doc/${id}`);
    await talk.http("GET", `/doc/${id}/versions`);
  }
  const history = await talk.http("GET", "/doc/notes/history");
  await talk.http("GET", "/doc/notes/history?from=3&limit=2");
  await talk.http("GET", "/doc/notes/history?from=100");
  await talk.http("GET", "/doc/checkpointed/history?limit=3");
  await talk.http("GET", "/doc/checkpointed/history?from=99");
  await talk.http("GET", "/doc/restored/history");
  await talk.http("GET", "/doc/notes/get");
  await talk.http("GET", "/doc/notes/versions/first%20draft");
  await talk.http("GET", "/doc/notes/versions/zweite%20Fassung%2F%C3%BC");
  await talk.http("GET", "/doc/restored/versions/before-restore");
  const epoch = epochIn(history);
  await joins(talk, "/doc/notes/ws", ADA, epoch, 6);
  await talk.native("all", "/doc/notes/ws");
  await talk.send("all", hello(NEW, { since: { epoch, seq: 0 } }), 2);
  await talk.close("all");
  await talk.native("ahead", "/doc/notes/ws");
  await talk.send("ahead", hello(NEW, { since: { epoch, seq: 99 } }), 2);
  await talk.close("ahead");
  await talk.native("other", "/doc/restored/ws");
  await talk.send("other", hello(NEW, { since: { epoch: "another0epoch", seq: 1 } }), 2);
  await talk.close("other");
  await talk.connect("simple", "/doc/notes/ws");
  await talk.hears("simple");
  await talk.close("simple");
  await talk.listen("events", "/doc/notes/events", {}, 1);
  talk.stop("events");
  await talk.listen("resumed", "/doc/notes/events", { "last-event-id": `${epoch}.6` }, 3);
  talk.stop("resumed");

  talk.note("Writes that were applied before are known again; new ones go on with the numbers");
  await talk.http("PUT", "/doc/notes?user=ada", { json: { not: "again" }, headers: key("notes-put") });
  await talk.http("PATCH", "/doc/notes", { json: { not: "again" }, headers: key("notes-merge") });
  await talk.http("PATCH", "/doc/checkpointed", { json: { not: "again" }, headers: key("checkpointed-10") });
  await talk.http("PATCH", "/doc/large", { json: { not: "again" }, headers: key("large-0") });
  await talk.http("DELETE", "/doc/emptied", { headers: key("emptied-delete") });
  await talk.native("ada", "/doc/notes/ws");
  await talk.send("ada", hello(ADA), 2);
  await talk.send("ada", mutate(4, { type: "merge", value: { not: "again" } }), 1);
  await talk.send("ada", mutate(2, { type: "jsonPatch", patch: [{ op: "test", path: "/open", value: true }] }), 1);
  await talk.send("ada", mutate(5, { type: "merge", value: { new: true } }), 1);
  await talk.close("ada");
  await talk.http("PATCH", "/doc/notes", { json: { newer: true } });
  await talk.http("PATCH", "/doc/large", { json: { newer: true } });
  await talk.http("PATCH", "/doc/checkpointed", { json: { newer: true } });
  await talk.http("POST", "/doc/notes/versions", { json: { name: "third" } });
  await talk.http("GET", "/doc/notes/versions");
  await talk.http("GET", "/doc/notes");
  await talk.http("GET", "/doc/large");
}

async function chats(talk: Conversation): Promise<void> {
  const state = await talk.http("GET", "/chat/lobby/messages");
  await talk.http("GET", "/chat/lobby/state");
  await talk.http("GET", "/chat/lobby/history?limit=1000");
  await talk.http("GET", "/chat/lobby/presence");
  await talk.http("GET", "/chat/lobby/messages?before=4&limit=2");
  await talk.http("GET", "/chat/lobby/messages?after=4&limit=2");
  await talk.http("GET", "/chat/long/messages?limit=3");
  await talk.http("GET", "/chat/long/messages?before=25&limit=12");
  await talk.http("GET", "/chat/long/messages?since=2026-11-30&limit=2");
  await joins(talk, "/chat/lobby/ws", ADA, epochIn(state), 7);
  await talk.native("banned", "/chat/lobby/ws?user=mallory&guest");
  await talk.send("banned", hello(NEW), 1);
  await talk.native("cleo", "/chat/lobby/ws?guest");
  await talk.send("cleo", hello(BOB, { guest: GUEST, presence: { name: "Cleo" } }), 3);
  await talk.send("cleo", mutate(8, { type: "send", text: "I am muted" }), 1);
  await talk.close("cleo");
  await talk.connect("json", "/api/room/lobby/websocket");
  await talk.send("json", { name: "Jason" }, 9);
  await talk.close("json");
  await talk.connect("private", `/api/room/${PRIVATE}/websocket`);
  await talk.send("private", { name: "Hopper" }, 3);
  await talk.close("private");
  await talk.listen("events", "/chat/lobby/events", {}, 1);
  talk.stop("events");

  talk.note("Writes");
  await talk.http("POST", "/chat/lobby/messages", { json: { text: "not again" }, headers: key("lobby-build") });
  await talk.native("ada", "/chat/lobby/ws?user=ada");
  await talk.send("ada", hello(ADA), 2);
  await talk.send("ada", mutate(12, { type: "send", text: "not again" }), 1);
  await talk.send("ada", mutate(13, { type: "edit", n: 1, text: "Good evening" }), 1);
  await talk.send("ada", mutate(14, { type: "delete", n: 4 }), 1);
  await talk.send("ada", mutate(15, { type: "send", text: "new", reply: 2 }), 1);
  await talk.close("ada");
  await talk.http("GET", "/chat/lobby/messages?limit=500");
}

async function maps(talk: Conversation): Promise<void> {
  const history = await talk.http("GET", "/map/paris/history?limit=1000");
  await talk.http("GET", "/map/paris");
  await talk.http("GET", "/map/paris-copy");
  await talk.http("GET", "/map/paris/versions");
  await talk.http("GET", "/map/paris/versions/monday");
  await talk.http("GET", "/map/paris/export.geojson");
  await talk.http("GET", "/map/paris/export.gpx");
  await joins(talk, "/map/paris/ws", ADA, epochIn(history), 8);
  await talk.connect("pin", "/api/map?id=paris");
  await talk.hears("pin");
  await talk.close("pin");
  await talk.listen("events", "/map/paris/events", {}, 1);
  talk.stop("events");

  talk.note("Writes");
  await talk.http("POST", "/map/paris/import?user=bob", {
    text: '{"type":"Point","coordinates":[1,1]}',
    headers: { "content-type": "application/geo+json", ...key("paris-import") },
  });
  await talk.native("ada", "/map/paris/ws?user=ada");
  await talk.send("ada", hello(ADA, { presence: { name: "Ada" } }), 3);
  await talk.send("ada", mutate(10, { type: "setPin", at: [0, 0] }), 1);
  await talk.send("ada", mutate(12, { type: "undo" }), 1);
  await talk.send("ada", mutate(13, { type: "setPin", at: [2, 48] }), 1);
  await talk.close("ada");
  await talk.http("GET", "/map/paris");
}

async function streams(talk: Conversation): Promise<void> {
  const page = await talk.http("GET", "/stream/shop?from=start&limit=1000");
  await talk.http("GET", "/stream/cleared");
  await talk.http("GET", "/stream/archived?from=start&limit=3");
  await talk.http("GET", "/stream/archived?from=last:2&filter=type:click");
  await talk.http("GET", "/stream/archived?from=start&limit=1000");
  await talk.http("GET", "/stream/archived/history?from=1&limit=5");
  await talk.http("GET", "/stream/archived/stats?by=type");
  await talk.http("GET", "/stream/archived/stats?by=page");
  await talk.http("GET", "/stream/shop/stats?by=type");
  const epoch = epochIn(page);
  await talk.native("ada", "/stream/shop/ws");
  await talk.send("ada", hello(ADA, { from: "start" }), 3);
  await talk.close("ada");
  await talk.native("away", "/stream/shop/ws");
  await talk.send("away", hello(NEW, { since: { epoch, seq: 4 }, filter: "type:a,b,native" }), 2);
  await talk.close("away");
  await talk.connect("raw", "/subscribe?siteId=shop&from=last:3");
  await talk.hears("raw", 3);
  await talk.close("raw");
  await talk.listen("events", "/subscribe?siteId=shop&from=start", {}, 3);
  talk.stop("events");
  await talk.listen("resumed", "/stream/shop", { "last-event-id": `${epoch}.5` }, 2);
  talk.stop("resumed");

  talk.note("Writes");
  await talk.http("POST", "/publish", { text: '{"siteId":"shop","id":"event-1","type":"again","visitor":"v1"}' });
  await talk.http("POST", "/stream/shop", { text: '{"type":"again"}', headers: key("shop-batch") });
  const producer = (seq: number) => ({ "roomcast-producer": "till-1", "roomcast-seq": `${seq}` });
  await talk.http("POST", "/stream/shop", { text: '{"type":"again"}', headers: producer(1) });
  await talk.http("POST", "/stream/shop", { text: '{"type":"late"}', headers: producer(2) });
  await talk.http("POST", "/stream/shop", { text: '{"type":"d"}', headers: producer(4) });
  await talk.http("POST", "/stream/archived", { text: '{"type":"new"}' });
  await talk.http("GET", "/stream/archived?from=last:1");
}

async function durableStreams(talk: Conversation): Promise<void> {
  const paths = [
    "text",
    "bytes/of/a%20path",
    "json",
    "closed",
    "expires",
    "source",
    "fork",
    "orphan",
    "lost-source",
    "deleted",
    "cleared",
  ];
  for (const path of paths) {
    await talk.http("HEAD", `/v1/stream/${path}`);
    await talk.http("GET", `/v1/stream/${path}?offset=-1`);
  }
  await talk.http("GET", "/v1/stream/text");
  await talk.http("GET", "/v1/stream/text?offset=now");
  await talk.listen("text", "/v1/stream/text?offset=-1&live=sse", {}, 2);
  talk.stop("text");
  await talk.listen("bytes", "/v1/stream/bytes/of/a%20path?offset=-1&live=sse", {}, 2);
  talk.stop("bytes");
  await talk.listen("json", "/v1/stream/json?offset=-1&live=sse", {}, 2);
  talk.stop("json");
  await talk.listen("closed", "/v1/stream/closed?offset=-1&live=sse", {}, 2);
  await talk.hears("closed");

  talk.note("Writes");
  const text = { "content-type": "text/plain" };
  const producer = (epoch: number, seq: number) => ({
    "producer-id": "p1",
    "producer-epoch": `${epoch}`,
    "producer-seq": `${seq}`,
  });
  await talk.http("POST", "/v1/stream/json", { json: "again", headers: producer(1, 0) });
  await talk.http("POST", "/v1/stream/json", { json: "fenced", headers: producer(0, 2) });
  await talk.http("POST", "/v1/stream/json", { json: "gap", headers: producer(1, 5) });
  await talk.http("POST", "/v1/stream/json", { json: "new", headers: producer(1, 1) });
  await talk.http("POST", "/v1/stream/text", { text: "late", headers: { ...text, "stream-seq": "a" } });
  await talk.http("POST", "/v1/stream/text", { text: "new", headers: { ...text, "stream-seq": "c" } });
  await talk.http("POST", "/v1/stream/closed", { text: "no", headers: text });
  await talk.http("POST", "/v1/stream/closed", {
    text: "end",
    headers: { ...text, ...producer(0, 0), "stream-closed": "true" },
  });
  await talk.http("POST", "/v1/stream/fork", { text: " new", headers: text });
  await talk.http("PUT", "/v1/stream/lost-source", { headers: text });
  await talk.http("PUT", "/v1/stream/text", { headers: { "content-type": "text/html" } });
  await talk.http("GET", "/v1/stream/fork?offset=-1");
  await talk.http("GET", "/v1/stream/json?offset=-1");
}

async function ownKind(talk: Conversation): Promise<void> {
  const history = await talk.http("GET", "/room/counter/visits/history");
  await talk.http("GET", "/room/counter/visits");
  await talk.http("GET", "/room/counter/visits/versions/two");
  await joins(talk, "/room/counter/visits/ws", BOB, epochIn(history), 1);
  await talk.http("POST", "/room/counter/visits?user=ada", {
    json: { intents: [{ add: 2 }] },
    headers: key("visits-1"),
  });
  await talk.http("POST", "/room/counter/visits?user=bob", {
    json: { intents: [{ add: 2 }] },
    headers: key("visits-1"),
  });
  await talk.http("GET", "/room/counter/visits");
}

/** About the rooms of the data folder. What changes a room comes after what reads it. */
export const STORED: Readonly<Record<string, Scene>> = { documents, chats, maps, streams, durableStreams, ownKind };
