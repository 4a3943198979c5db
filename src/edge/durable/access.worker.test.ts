import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import type { Permission } from "../../protocol/user.ts";
import { inside, type TestRoom } from "../../../test/engine/rooms.ts";
import { edge, refusal } from "../../../test/worker/edge.ts";

const text = { "content-type": "text/plain" };

const open = edge({ streams: (bindings) => bindings.STREAMS });

/** A caller who may do this with all streams but `secret`, of which it knows the name alone. */
function caller(...can: readonly Permission[]): typeof open {
  return edge({
    streams: (bindings) => bindings.STREAMS,
    authorize: ({ id }) => ({ can: id === "secret" ? [] : [...can] }),
  });
}

function put(who: typeof open, id: string, headers: Record<string, string> = {}, body?: string): Promise<Response> {
  return who.fetch(`/v1/stream/${id}`, {
    method: "PUT",
    headers: { ...text, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

function post(who: typeof open, id: string, headers: Record<string, string> = {}, body?: string): Promise<Response> {
  return who.fetch(`/v1/stream/${id}`, {
    method: "POST",
    headers: { ...text, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

async function stands(id: string): Promise<readonly (string | null)[]> {
  const answer = await open.fetch(`/v1/stream/${id}?offset=-1`);
  return [await answer.text(), answer.headers.get("stream-closed")];
}

beforeAll(async () => {
  await put(open, "secret", {}, "for few");
  await put(open, "shared", {}, "for all");
});

test("Y6 who may write appends, and neither closes nor deletes what others write too", async () => {
  const writer = caller("read", "write");
  expect((await post(writer, "shared", {}, ", and more")).status).toBe(204);
  expect(await refusal(await post(writer, "shared", { "stream-closed": "true" }))).toBe("403 forbidden");
  expect(await refusal(await post(writer, "shared", { "stream-closed": "true" }, "last"))).toBe("403 forbidden");
  expect(await refusal(await put(writer, "new", { "stream-closed": "true" }))).toBe("403 forbidden");
  expect(await refusal(await writer.fetch("/v1/stream/shared", { method: "DELETE" }))).toBe("403 forbidden");
  expect(await stands("shared")).toEqual(["for all, and more", null]);
  expect((await open.fetch("/v1/stream/new")).status).toBe(404);
});

test("Y6 who administers it closes and deletes it", async () => {
  const admin = caller("read", "write", "admin");
  await put(admin, "own", {}, "text");
  expect((await post(admin, "own", { "stream-closed": "true" })).ok).toBe(true);
  expect(await stands("own")).toEqual(["text", "true"]);
  expect((await admin.fetch("/v1/stream/own", { method: "DELETE" })).status).toBe(204);
});

test("B11 a JSON value that is nested deeper than 64 is refused, and nothing of its request is appended", async () => {
  const json = { "content-type": "application/json" };
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  await put(open, "deep", json);
  for (const depth of [65, 6_000]) expect((await post(open, "deep", json, `[1,${nested(depth)}]`)).status).toBe(400);
  expect((await post(open, "deep", json, `[1,${nested(64)}]`)).ok).toBe(true);
  expect(await stands("deep")).toEqual([`[1,${nested(64)}]`, null]);
});

test("Y6 a fork takes nothing from a source that its maker may not read", async () => {
  const fork = { "stream-forked-from": "/v1/stream/secret" };
  expect(await refusal(await put(caller("read", "write", "admin"), "copy", fork))).toBe("403 forbidden");
  expect((await open.fetch("/v1/stream/copy")).status).toBe(404);
  expect((await put(open, "copy", fork)).status).toBe(201);
  expect(await stands("copy")).toEqual(["for few", null]);
});

const shared = /^public,/;
const own = /^private,/;

/** What caches are told of a page that is read in this way. */
async function cached(who: typeof open, headers: Record<string, string> = {}): Promise<string | null> {
  return (await who.fetch("/v1/stream/shared?offset=-1", { headers })).headers.get("cache-control");
}

test("Y6 what is read is for shared caches where nobody is asked for anything", async () => {
  expect(await cached(open)).toMatch(shared);
  expect(await cached(open, { authorization: "Bearer of.a.token" })).toMatch(own);
  expect(await cached(open, { cookie: "session=1" })).toMatch(own);
});

test("Y6 where somebody is, by whatever it may be, what is read is for its reader alone", async () => {
  const byKey = edge({
    streams: (bindings) => bindings.STREAMS,
    authorize: ({ request }) => ({ can: request.headers.get("x-api-key") === "for few" ? ["read"] : [] }),
  });
  expect(await cached(byKey, { "x-api-key": "for few" })).toMatch(own);
  expect(await cached(caller("read"))).toMatch(own);
});

test("Y6 streams that the Worker says are public are for shared caches, and no others", async () => {
  const asked: string[] = [];
  const some = edge({
    streams: (bindings) => bindings.STREAMS,
    authorize: () => ({ can: ["read"] }),
    publicStreams: async (id) => {
      asked.push(id);
      return id === "shared";
    },
  });
  expect(await cached(some)).toMatch(shared);
  expect(await cached(some, { cookie: "session=1" })).toMatch(own);
  const secret = await some.fetch("/v1/stream/secret?offset=-1");
  expect(secret.headers.get("cache-control")).toMatch(own);
  expect(asked).toEqual(["shared", "secret"]);
  const none = edge({ streams: (bindings) => bindings.STREAMS, publicStreams: () => false });
  expect(await cached(none)).toMatch(own);
});

test("Y12 what a long poll from now hears is for nobody else: its address means another thing each time", async () => {
  await put(open, "lately", {}, "before");
  const answer = open.fetch("/v1/stream/lately?offset=now&live=long-poll");
  const room = env.STREAMS.getByName("lately") as unknown as TestRoom;
  await expect.poll(() => inside(room, (_, state) => state.getWebSockets().length)).toBe(1);
  await post(open, "lately", {}, "after");
  const heard = await answer;
  expect([heard.status, await heard.text()]).toEqual([200, "after"]);
  expect(heard.headers.get("cache-control")).toBe("no-store");
  expect(heard.headers.get("etag")).toBeNull();
  const offset = heard.headers.get("stream-next-offset") ?? "";
  await post(open, "lately", {}, "more");
  const named = await open.fetch(`/v1/stream/lately?offset=${offset}&live=long-poll`);
  expect([await named.text(), named.headers.get("etag")]).toEqual(["more", expect.any(String)]);
});

test("Y15 nobody fences off the producer of another user, nor uses up the epochs of one without a user", async () => {
  const as = (id: string): typeof open =>
    edge({ streams: (bindings) => bindings.STREAMS, authorize: () => ({ user: { id }, can: ["read", "write"] }) });
  const mark = (epoch: number, seq: number): Record<string, string> => ({
    "producer-id": "sensor",
    "producer-epoch": String(epoch),
    "producer-seq": String(seq),
  });
  await put(open, "fenced");
  expect((await post(as("ann"), "fenced", mark(0, 0), "a")).status).toBe(200);
  expect((await post(as("eve"), "fenced", mark(2 ** 52, 0), "e")).status).toBe(200);
  expect((await post(as("ann"), "fenced", mark(0, 1), "b")).status).toBe(200);
  const refused = await post(open, "fenced", mark(Number.MAX_SAFE_INTEGER, 0), "x");
  expect([refused.status, await refused.text()]).toEqual([
    400,
    "Producer-Epoch is too far ahead: at most 4503599627370496. Take the last epoch plus 1.",
  ]);
  expect((await post(open, "fenced", mark(1, 0), "c")).status).toBe(200);
  expect(await stands("fenced")).toEqual(["aebc", null]);
});

test("Y17 the tail of an open stream is asked about before it is read again; what cannot change is kept", async () => {
  const control = async (query: string): Promise<string | null> =>
    (await open.fetch(`/v1/stream/growing?${query}`)).headers.get("cache-control");
  await put(open, "growing", {}, "a");
  const page = await open.fetch("/v1/stream/growing?offset=-1");
  expect(page.headers.get("cache-control")).toBe("public, no-cache");
  const known = { "if-none-match": page.headers.get("etag") ?? "" };
  expect((await open.fetch("/v1/stream/growing?offset=-1", { headers: known })).status).toBe(304);
  await post(open, "growing", {}, "b");
  const grown = await open.fetch("/v1/stream/growing?offset=-1", { headers: known });
  expect([grown.status, await grown.text()]).toEqual([200, "ab"]);
  expect(await control("offset=-1&live=long-poll")).toBe("public, no-cache");
  expect(await control("offset=-1&live=long-poll&cursor=1")).toMatch(/^public, max-age=60/);
  await post(open, "growing", { "stream-closed": "true" });
  expect(await control("offset=-1")).toMatch(/^public, max-age=60/);
});

test("Y17 a long poll waits as long as the Worker says, and less where its reader says so", async () => {
  await put(open, "waiting", {}, "a");
  const short = edge({ streams: (bindings) => bindings.STREAMS, longPollMs: () => 0 });
  const path = "/v1/stream/waiting?offset=now&live=long-poll";
  expect((await short.fetch(path)).status).toBe(204);
  expect((await open.fetch(`${path}&timeout=0.01`)).status).toBe(204);
  const wrong = await open.fetch(`${path}&timeout=soon`);
  expect([wrong.status, await wrong.text()]).toEqual([400, "timeout is a number of seconds, such as 5."]);
});
