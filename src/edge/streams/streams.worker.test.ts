import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { Peer } from "../../../test/engine/peer.ts";
import { edge, EventReader, refusal, versionOf, type Edge } from "../../../test/worker/edge.ts";
import { OPEN } from "../../room/api.ts";

afterEach(() => reset());

const worker: Edge = edge({
  streams: (bindings) => bindings.STREAMS,
  streamOrigins: (id) => (id === "shop" ? ["https://shop.example"] : []),
});

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return worker.fetch(path, { method: "POST", body, headers });
}

/** A WebSocket at a path. */
function open(path: string): Promise<Peer> {
  return Peer.connect({ fetch: (_url, init) => worker.fetch(path, init) });
}

interface Page {
  readonly events: readonly { readonly position: string; readonly at: number; readonly event: unknown }[];
  readonly next: string;
  readonly more: boolean;
  readonly oldest: string;
  readonly head: string;
}

async function page(path: string): Promise<Page> {
  return (await worker.fetch(path)).json<Page>();
}

async function events(path: string): Promise<unknown[]> {
  return (await page(path)).events.map(({ event }) => event);
}

test.each([
  ["one", '{"siteId":"shop","n":1}', undefined, [1]],
  ["a list, as sendBeacon posts it", '[{"siteId":"shop","n":1},\n {"siteId":"shop","n":2}]', "text/plain", [1, 2]],
  ["lines", '{"siteId":"shop","n":1}\n\n{"siteId":"shop","n":2}\n', "application/x-ndjson", [1, 2]],
  ["lines that do not say so", '{"siteId":"shop","n":1}\n{"siteId":"shop","n":2}', "text/plain;charset=UTF-8", [1, 2]],
])("B9 /publish takes %s and answers ok", async (_, body, type, expected) => {
  const response = await post("/publish", body, type === undefined ? {} : { "content-type": type });
  expect([response.status, await response.text()]).toEqual([200, "ok"]);
  expect(await events("/stream/shop")).toEqual(expected.map((n) => ({ siteId: "shop", n })));
});

const LONG = "x".repeat(10_000);

test.each([
  ["/publish", "", "400 bad_json", undefined],
  ["/publish", "{", "400 bad_json", undefined],
  ["/publish", "{}", "400 bad_message", [1]],
  ["/publish", "[]", "400 bad_message", undefined],
  ["/publish", "7", "400 bad_message", [1]],
  ["/publish", '{"siteId":7}', "400 bad_message", [1]],
  ["/publish", '{"siteId":""}', "400 bad_message", [1]],
  ["/publish", '{"siteId":"a\\u0000"}', "400 bad_room_id", undefined],
  ["/publish", `{"siteId":"${LONG}"}`, "400 bad_room_id", undefined],
  ["/publish", '{"siteId":"a"}\n{"siteId":', "400 bad_json", [2]],
  ["/publish", '{"siteId":"a"}\n[]\n{"siteId":"a"}\n3', "400 bad_message", [2, 4]],
  ["/publish", '[{"siteId":"a"},{"siteId":"b"},{}]', "400 bad_message", [2, 3]],
  ["/publish", `[{"siteId":"a"},{"siteId":"a","x":"${"x".repeat(70_000)}"}]`, "413 too_large", [2]],
  ["/publish", `{"siteId":"a","x":"${"x".repeat(1_100_000)}"}`, "413 too_large", undefined],
  ["/publish", '{"siteId":"a","id":""}', "400 bad_message", [1]],
  ["/stream/a", '{"n":1}\n{"n"', "400 bad_json", [2]],
  ["/stream/a", '"text"', "400 bad_message", [1]],
  [`/stream/${LONG}`, "{}", "400 bad_room_id", undefined],
])("B4 POST %s %.30j is %s", async (path, body, expected, lines) => {
  const response = await post(path, body);
  const { error } = await response.clone().json<{ error: { lines?: { line: number }[] } }>();
  expect(`${response.status} ${(await response.json<{ error: { code: string } }>()).error.code}`).toBe(expected);
  expect(error.lines?.map(({ line }) => line)).toEqual(lines);
  expect(await events("/stream/a")).toEqual([]);
});

test.each(["/publish", "/stream/a"])("B11 POST %s: an event that is nested too deep is named", async (path) => {
  const deep = "[".repeat(6_000) + "]".repeat(6_000);
  const response = await post(path, `[{"siteId":"a"},{"siteId":"a","x":${deep}}]`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: "too_deep", lines: [{ line: 2, code: "too_deep" }] } });
  expect(await events("/stream/a")).toEqual([]);
});

test.each([
  ["GET", "/subscribe", {}, "400 bad_request"],
  ["GET", "/subscribe?siteId=a", {}, "426 upgrade_required"],
  ["GET", `/subscribe?siteId=${LONG}`, { accept: "text/event-stream" }, "400 bad_room_id"],
  ["GET", "/subscribe?siteId=a&filter=type:", { accept: "text/event-stream" }, "400 bad_request"],
  ["GET", "/subscribe?siteId=a&from=yesterday", { accept: "text/event-stream" }, "400 bad_request"],
  ["GET", "/subscribe?siteId=a&from=start", { upgrade: "websocket" }, "400 bad_request"],
  ["GET", "/subscribe?siteId=a&from=last:1001", { upgrade: "websocket" }, "400 bad_request"],
  ["GET", "/stream/a/ws?filter=%7B", { upgrade: "websocket" }, "400 bad_request"],
  ["GET", "/stream/a?limit=1001", {}, "400 bad_request"],
  ["GET", "/stream/a?filter=a:", {}, "400 bad_request"],
  ["GET", "/stream/a?from=abc.5", {}, "410 gone"],
  ["PUT", "/stream/a", {}, "405 method_not_allowed"],
  ["GET", "/publish", {}, "405 method_not_allowed"],
  ["POST", "/stream/a", { "roomcast-producer": "p" }, "400 bad_request"],
  ["POST", "/stream/a", { "roomcast-producer": "p", "roomcast-seq": "0" }, "400 bad_request"],
  ["POST", "/stream/a", { "roomcast-producer": "a b", "roomcast-seq": "1" }, "400 bad_request"],
  ["POST", "/stream/a", { "if-match": '"x"' }, "400 bad_request"],
])("B4 %s %.60s %j is %s", async (method, path, headers, expected) => {
  const body = method === "POST" ? { body: "{}" } : {};
  expect(await refusal(await worker.fetch(path, { method, headers, ...body }))).toBe(expected);
});

test("B1 POST /stream/:id answers the positions; a page has the events as they were written", async () => {
  const first = await (await post("/stream/jobs", '[{"a" : 1.0},{"b":2}]')).json<{ epoch: string }>();
  expect(first).toMatchObject({ count: 2, first: 1, last: 2, position: `${first.epoch}.2` });
  const again = await post("/stream/jobs", '{"id":"x"}\n{"id":"x"}');
  expect(await again.json()).toMatchObject({ count: 1, first: 3, last: 3, duplicates: [{ event: 1, seq: 3 }] });
  expect(await (await worker.fetch("/stream/jobs?limit=1")).text()).toContain('"event":{"a" : 1.0}}]');
});

test("B3 the `next` of an empty stream is the start of it, for pages and for server-sent events", async () => {
  const { next } = await page("/stream/empty");
  await post("/stream/empty", '{"n":1}\n{"n":2}');
  expect(await events(`/stream/empty?from=${next}`)).toEqual([{ n: 1 }, { n: 2 }]);
  const accept = { accept: "text/event-stream", "last-event-id": next };
  const reader = new EventReader(await worker.fetch("/stream/empty", { headers: accept }));
  const [first, second] = [await reader.next(), await reader.next()];
  expect([first, second]).toMatchObject([
    { event: "message", data: { n: 1 } },
    { event: "message", data: { n: 2 } },
  ]);
  await reader.cancel();
});

test("B2 a producer's batch, and one under an Idempotency-Key, is taken once", async () => {
  const send = (headers: Record<string, string>): Promise<Response> => post("/stream/once", "{}", headers);
  for (const headers of [{ "roomcast-producer": "p", "roomcast-seq": "1" }, { "idempotency-key": "k" }]) {
    expect(await (await send(headers)).json()).toMatchObject({ count: 1 });
    expect(await (await send(headers)).json()).toMatchObject({ count: 0, repeated: true });
  }
  expect(await events("/stream/once")).toHaveLength(2);
});

test("B9 E3 X7 a stream is cleared only at the version that is asked for, and once under a key", async () => {
  const clear = (headers: Record<string, string>): Promise<Response> =>
    worker.fetch("/stream/cleared", { method: "DELETE", headers });
  await post("/stream/cleared", "{}");
  const { head } = await page("/stream/cleared");
  await post("/stream/cleared", "{}");
  expect(await refusal(await clear({ "if-match": `"${head}"` }))).toBe("412 version_mismatch");
  expect(await refusal(await clear({ "if-match": head }))).toBe("400 bad_request");
  expect(await refusal(await clear({ "idempotency-key": "" }))).toBe("400 bad_request");
  expect(await events("/stream/cleared")).toHaveLength(2);

  const seen = (await page("/stream/cleared")).head;
  const once = { "if-match": `"${seen}"`, "idempotency-key": "clear-once" };
  await versionOf(await clear(once));
  expect(await events("/stream/cleared")).toEqual([]);
  await post("/stream/cleared", "{}");
  await versionOf(await clear(once));
  expect(await events("/stream/cleared")).toHaveLength(1);
});

test("B3 pages: from where one says, on from `next`, filtered", async () => {
  const lines = Array.from({ length: 25 }, (_, n) => `{"n":${n + 1},"even":${n % 2 === 1}}`);
  await post("/stream/pages", lines.join("\n"));
  const seen: unknown[] = [];
  let at = await page("/stream/pages?limit=10");
  expect(at.oldest.split(".")[1]).toBe("1");
  for (seen.push(...at.events); at.more; seen.push(...at.events))
    at = await page(`/stream/pages?limit=10&from=${at.next}`);
  expect(seen).toHaveLength(25);
  expect(at.next).toBe(at.head);
  expect(await events("/stream/pages?from=last:2")).toHaveLength(2);
  expect(await events("/stream/pages?from=now")).toEqual([]);
  expect(await events("/stream/pages?from=2001-01-01")).toHaveLength(25);
  expect(await events("/stream/pages?filter=even:true")).toHaveLength(12);
});

test("B1 raw subscribers at both addresses get what is published, and natives speak roomcast.v1", async () => {
  const [site, id, even] = await Promise.all([
    open("/subscribe?siteId=shop"),
    open("/stream/shop/ws"),
    open("/subscribe?siteId=shop&filter=n:2"),
  ]);
  const native = await Peer.native({ fetch: (_url, init) => worker.fetch("/subscribe?siteId=shop", init) });
  expect(await native.hello({ from: { last: 0 } })).toMatchObject({ kind: "stream" });
  await post("/publish", '[{"siteId":"shop" ,"n":1},{"siteId":"shop","n":2}]');
  expect([await site.line(), await site.line()]).toEqual(['{"siteId":"shop" ,"n":1}', '{"siteId":"shop","n":2}']);
  expect(await id.line()).toBe('{"siteId":"shop" ,"n":1}');
  expect(await even.line()).toBe('{"siteId":"shop","n":2}');
});

test("B10 server-sent events: the position as id, Last-Event-ID goes on after it, a filter moves the id", async () => {
  await post("/stream/sse", '{"n":1}\n{"n":2}\n{"n":3}');
  const read = async (path: string, headers: Record<string, string> = {}): Promise<EventReader> =>
    new EventReader(await worker.fetch(path, { headers: { accept: "text/event-stream", ...headers } }));
  const reader = await read("/stream/sse?from=start");
  const [first, second, third] = await reader.take(3);
  expect([first, second, third].map((event) => event?.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  await reader.cancel();
  const back = await read("/subscribe?siteId=sse&from=start", { "last-event-id": second?.id ?? "" });
  expect(await back.next()).toEqual(third);
  await post("/stream/sse", '{"n":4}');
  expect(await back.next()).toMatchObject({ event: "message", data: { n: 4 } });
  await back.cancel();

  const filtered = await worker.fetch("/stream/sse/events?from=last:2&filter=n:4", {});
  if (filtered.body === null) throw new Error("No events");
  const text = filtered.body.pipeThrough(new TextDecoderStream()).getReader();
  let came = "";
  while (!came.includes('data: {"n"')) came += (await text.read()).value ?? "";
  const epoch = second?.id?.split(".")[0] ?? "";
  expect(came).toContain(`event: position\nid: ${epoch}.2\ndata: {"position":"${epoch}.2"}\n\n`);
  expect(came).toContain(`id: ${epoch}.4\ndata: {"n":4}\n\n`);
  await text.cancel();

  const stranger = await read("/stream/sse", { "last-event-id": "other.7" });
  expect(await stranger.next()).toEqual({
    event: "reset",
    data: { reason: "epoch", oldest: `${epoch}.1` },
  });
  expect(await stranger.next()).toEqual(first);
  await stranger.cancel();
});

test("B1 a bare CR between tokens is a space, whatever the way in and out", async () => {
  const written = '{"siteId":"cr",\r"n":1}';
  await post("/stream/cr", `${written}\n${written}`);
  await post("/publish", `[${written},\r${written}]`);
  await post("/publish", written);
  await env.STREAMS.getByName("cr").publish(`${written}\n${written}`, OPEN);
  const intents = JSON.stringify([{ type: "publish", events: [{ data: written }] }]);
  await env.STREAMS.getByName("cr").applyText(intents, OPEN);
  const response = await worker.fetch("/stream/cr/events?from=start");
  const text = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let came = "";
  while (came.split('data: {"siteId"').length <= 8) came += (await text.read()).value ?? "";
  await text.cancel();
  expect(came).not.toContain("\r");
  expect(came.split('data: {"siteId":"cr", "n":1}\n\n')).toHaveLength(9);
});

test("B9 pages of a site's origins may publish to it and no other's may", async () => {
  const from = (origin: string, siteId = "shop"): Promise<Response> =>
    post("/publish", JSON.stringify({ siteId }), { origin, "content-type": "text/plain" });
  const allowed = await from("https://shop.example");
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, "https://shop.example"]);
  expect(await refusal(await from("https://evil.example"))).toBe("403 origin_refused");
  expect(await refusal(await from("https://shop.example", "bank"))).toBe("403 origin_refused");
  const preflight = await worker.fetch("/publish", {
    method: "OPTIONS",
    headers: { origin: "https://shop.example", "access-control-request-method": "POST" },
  });
  expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([204, "POST, OPTIONS"]);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("https://shop.example");
  // A beacon comes with credentials, and is not sent where they are not wanted.
  expect(preflight.headers.get("access-control-allow-credentials")).toBe("true");
  const reading = await worker.fetch("/stream/shop", { headers: { origin: "https://shop.example" } });
  expect(reading.headers.get("access-control-allow-origin")).toBe("https://shop.example");
});

test("B9 publishing needs write, reading read, clearing admin; what authorize reads of the body is there", async () => {
  const bodies: string[] = [];
  const guarded = edge({
    streams: (bindings) => bindings.STREAMS,
    authorize: async ({ request, kind, id }) => {
      bodies.push(`${kind} ${id} ${await request.clone().text()}`);
      return { can: request.headers.get("x-may") === "write" ? ["write"] : ["read"] };
    },
  });
  const body = '{"siteId":"guarded"}';
  expect(await refusal(await guarded.fetch("/publish", { method: "POST", body }))).toBe("403 forbidden");
  const written = await guarded.fetch("/publish", { method: "POST", body, headers: { "x-may": "write" } });
  expect(written.status).toBe(200);
  expect(await refusal(await guarded.fetch("/stream/guarded", { headers: { "x-may": "write" } }))).toBe(
    "403 forbidden",
  );
  const clear = { method: "DELETE", headers: { "x-may": "write" } };
  expect(await refusal(await guarded.fetch("/stream/guarded", clear))).toBe("403 forbidden");
  expect(bodies[0]).toBe(`stream guarded ${body}`);
});
