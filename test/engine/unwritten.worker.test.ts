import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { OPEN, type Admission } from "../../src/room/api.ts";
import { edge, json } from "../worker/edge.ts";
import { dump } from "./ledger.ts";

const { fetch } = edge({
  chats: (bindings) => bindings.CHATS,
  maps: (bindings) => bindings.MAPS,
  streams: (bindings) => bindings.STREAMS,
});

const READS: readonly string[] = [
  "/doc/ID",
  "/doc/ID/get",
  "/doc/ID/history",
  "/doc/ID/presence",
  "/doc/ID/versions",
  "/doc/ID/versions/v",
  "/chat/ID/state",
  "/chat/ID/messages",
  "/chat/ID/messages?before=7",
  "/chat/ID/messages?after=7",
  "/chat/ID/messages?since=7",
  "/chat/ID/history",
  "/chat/ID/presence",
  "/map/ID",
  "/map/ID/history",
  "/map/ID/presence",
  "/map/ID/versions",
  "/map/ID/versions/v",
  "/map/ID/export.geojson",
  "/map/ID/export.gpx",
  "/map/ID/meeting",
  "/stream/ID",
  "/stream/ID?from=last:7",
  "/stream/ID?from=2026-01-01T00:00:00Z",
  "/stream/ID?from=0.0",
  "/stream/ID/history",
  "/stream/ID/presence",
  "/v1/stream/ID",
  "/v1/stream/ID?offset=-1",
  "/v1/stream/ID?offset=now",
  "/v1/stream/ID?offset=now&live=long-poll",
  "/v1/stream/ID?offset=-1&live=sse",
  "/room/counter/ID",
  "/room/counter/ID/history",
  "/room/counter/ID/presence",
  "/room/counter/ID/versions",
];

const never = { "if-match": '"never.1"', "idempotency-key": "k" };
const intents = (...list: readonly unknown[]): RequestInit => json("POST", { intents: list });

/** Writes that are refused. */
const WRITES: readonly (readonly [string, RequestInit])[] = [
  ["/doc/ID", intents({ type: "dance" })],
  ["/doc/ID", intents({ type: "jsonPatch", patch: [{ op: "test", path: "/a", value: 1 }] })],
  ["/doc/ID", json("PUT", { a: 1 }, never)],
  ["/doc/ID", json("PUT", { a: "x".repeat(200_000) })],
  ["/doc/ID", { method: "DELETE", headers: never }],
  ["/doc/ID/versions", json("POST", { name: ".." })],
  ["/doc/ID/versions/v", { method: "DELETE" }],
  ["/doc/ID/versions/v/restore", { method: "POST" }],
  ["/chat/ID", intents({ type: "send", text: " " })],
  ["/chat/ID", intents({ type: "edit", n: 7, text: "a" })],
  ["/chat/ID/messages", json("POST", { text: "x".repeat(70_000) })],
  ["/chat/ID/messages", json("POST", { text: "a" }, never)],
  ["/map/ID", intents({ type: "setPin", at: [0, 91] })],
  ["/map/ID", intents({ type: "undo" })],
  ["/map/ID", intents({ type: "moveVertex", id: "none", index: 0, at: [0, 0] })],
  ["/map/ID/import", { method: "POST", body: "{}", headers: { "content-type": "application/geo+json" } }],
  ["/map/ID/versions/v/restore", { method: "POST" }],
  ["/stream/ID", { method: "POST", body: "not JSON", headers: { "content-type": "application/json" } }],
  ["/stream/ID", json("POST", { visitor: "me", deep: JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`) as unknown })],
  ["/stream/ID", { method: "DELETE", headers: { "if-match": '"never.1"' } }],
  ["/v1/stream/ID", { method: "POST", body: "a", headers: { "content-type": "text/plain" } }],
  ["/v1/stream/ID", { method: "PUT", body: "{", headers: { "content-type": "application/json" } }],
  ["/v1/stream/ID", { method: "PUT", headers: { "stream-forked-from": "/v1/stream/no-source" } }],
  ["/v1/stream/ID", { method: "DELETE" }],
  ["/room/counter/ID", intents({ add: "one" })],
];

const NAMESPACES = {
  doc: env.DOCUMENTS,
  chat: env.CHATS,
  map: env.MAPS,
  stream: env.STREAMS,
  v1: env.STREAMS,
  room: env.COUNTERS,
} as const;

async function expectNothing(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, async (_, { storage }) => {
    expect(dump(storage)).toEqual({});
    expect(await storage.getAlarm()).toBeNull();
  });
}

async function ask(path: string, init?: RequestInit): Promise<number> {
  const id = crypto.randomUUID().slice(0, 18);
  const response = await fetch(path.replaceAll("ID", id), init);
  await response.text();
  const [, first = ""] = path.split("/");
  await expectNothing((NAMESPACES[first as keyof typeof NAMESPACES] as DurableObjectNamespace).getByName(id));
  return response.status;
}

test.each(READS)("L5 GET and HEAD %s of a room that nobody has written to store nothing", async (path) => {
  expect([200, 204, 404, 409]).toContain(await ask(path));
  expect([200, 204, 404, 405, 409]).toContain(await ask(path, { method: "HEAD" }));
});

test.each(WRITES.map(([path, init], n) => [init.method ?? "GET", path, n, init] as const))(
  "L5 %s %s that is refused (%i) stores nothing",
  async (_method, path, _n, init) => {
    const status = await ask(path, init);
    expect([status, status >= 400 && status < 500]).toEqual([status, true]);
  },
);

const READER: Admission = { can: ["read"], address: "192.0.2.7" };
const ADDRESSED: Admission = { ...OPEN, address: "192.0.2.7" };

test("L5 a refused message and a refused publish leave no salt, and the next that is accepted stores it", async () => {
  const chat = env.CHATS.getByName("unwritten chat");
  expect(await chat.applyText('[{"type":"send","text":"a"}]', READER)).toMatchObject({ code: "forbidden" });
  expect(await chat.applyText('[{"type":"edit","n":1,"text":"a"}]', ADDRESSED)).toMatchObject({ ok: false });
  const stream = env.STREAMS.getByName("unwritten stream");
  const options = { visitor: "192.0.2.7 Browser", idempotencyKey: "" };
  expect(await stream.publish('{"type":"a"}', READER, options)).toMatchObject({ code: "forbidden" });
  // Its first intent has named a visitor when the second is refused.
  const [named, bad] = ['{"visitor":"me"}', "not JSON"].map((data) => ({ type: "publish", events: [{ data }] }));
  expect(await stream.applyText(JSON.stringify([named, bad]), ADDRESSED)).toMatchObject({
    code: "bad_json",
    intent: 1,
  });
  await expectNothing(chat);
  await expectNothing(stream);

  expect(await chat.applyText('[{"type":"send","text":"a"}]', ADDRESSED)).toMatchObject({ ok: true });
  const published = await stream.publish('{"type":"a"}', ADDRESSED, { visitor: "v" });
  expect(published).toMatchObject({ ok: true });
  expect(await metaOf(chat as unknown as DurableObjectStub)).toContain("pseudonym-salt");
  expect(await metaOf(stream as unknown as DurableObjectStub)).toContain("visitor-salt");
});

function metaOf(room: DurableObjectStub): Promise<string> {
  return runInDurableObject(room, (_, { storage }) => JSON.stringify(dump(storage)["meta"]));
}
