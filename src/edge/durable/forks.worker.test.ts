import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { edge, refusal } from "../../../test/worker/edge.ts";
import { Peer } from "../../../test/engine/peer.ts";
import type { TestRoom } from "../../../test/engine/rooms.ts";

const { fetch } = edge({ streams: (bindings) => bindings.STREAMS });
const text = { "content-type": "text/plain" };

function send(method: string, id: string, body?: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`/v1/stream/${id}`, {
    method,
    headers: { ...text, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

function fork(id: string, from: string, body?: string, offset?: string): Promise<Response> {
  const at = offset === undefined ? {} : { "stream-fork-offset": offset };
  return send("PUT", id, body, { "stream-forked-from": `/v1/stream/${from}`, ...at });
}

function nextOf(response: Response): string {
  return response.headers.get("stream-next-offset") ?? "none";
}

async function readAfter(id: string, offset: string): Promise<string> {
  const answer = await fetch(`/v1/stream/${id}?offset=${offset}`);
  return `${answer.status} ${await answer.text()}`;
}

const GONE = "410 This offset is no longer kept, or is of another stream.";

test("Y7 a fork that is deleted and made again knows none of the offsets of the one before", async () => {
  await send("PUT", "again-source", "one");
  await fork("again", "again-source");
  const old = nextOf(await send("POST", "again", "first life"));
  const page = await fetch("/v1/stream/again?offset=-1");
  const etag = page.headers.get("etag") ?? "";
  await send("DELETE", "again");
  await fork("again", "again-source");
  const fresh = nextOf(await send("POST", "again", "other life"));
  expect(fresh).not.toBe(old);
  expect(await readAfter("again", old)).toBe(GONE);
  expect((await fetch(`/v1/stream/again?offset=${old}&live=sse`)).status).toBe(410);
  const asked = await fetch("/v1/stream/again?offset=-1", { headers: { "if-none-match": etag } });
  expect([asked.status, await asked.text()]).toEqual([200, "oneother life"]);
});

test("Y7 R3 a native client of a fork that was deleted is reset by the one that has its name now", async () => {
  const room = env.STREAMS.getByName("native-fork") as unknown as TestRoom;
  await send("PUT", "native-source", "one");
  await fork("native-fork", "native-source");
  const first = await Peer.native(room);
  const { epoch, head } = await first.hello();
  await send("DELETE", "native-fork");
  await fork("native-fork", "native-source");
  await send("POST", "native-fork", "two");
  const second = await Peer.native(room);
  expect(await second.hello({ since: { epoch, seq: head } })).toMatchObject({ resume: "reset", reason: "epoch" });
});

test("Y7 the source's offsets hold in a fork up to where it branched off, and the fork's not in the source", async () => {
  const first = nextOf(await send("PUT", "both", "A"));
  const second = nextOf(await send("POST", "both", "B"));
  const later = nextOf(await send("POST", "both", "C"));
  await fork("both-fork", "both", undefined, second);
  const own = nextOf(await send("POST", "both-fork", "D"));
  expect(await readAfter("both-fork", first)).toBe("200 BD");
  expect(await readAfter("both-fork", second)).toBe("200 D");
  expect(await readAfter("both-fork", later)).toBe(GONE);
  expect(await readAfter("both", own)).toBe(GONE);
  expect((await fetch(`/v1/stream/both-fork?offset=${later}&live=sse`)).status).toBe(410);
});

test("Y7 what holds in a fork holds in a fork of it, up to where that one branched off", async () => {
  const first = nextOf(await send("PUT", "chain", "A"));
  const second = nextOf(await send("POST", "chain", "B"));
  await fork("chain-1", "chain");
  const third = nextOf(await send("POST", "chain-1", "C"));
  await fork("chain-2", "chain-1", undefined, first);
  await fork("chain-3", "chain-1");
  expect(await readAfter("chain-2", first)).toBe("200 ");
  expect(await readAfter("chain-2", second)).toBe(GONE);
  expect(await readAfter("chain-3", second)).toBe("200 C");
  expect(await readAfter("chain-3", third)).toBe("200 ");
});

test("Y7 making a fork again is answered as before, with an offset of another history as a conflict", async () => {
  const first = nextOf(await send("PUT", "same", "A"));
  await send("POST", "same", "B");
  expect((await fork("same-fork", "same", undefined, first)).status).toBe(201);
  expect((await fork("same-fork", "same", undefined, first)).status).toBe(200);
  const foreign = first.replace(/^[a-z0-9]+/, "other");
  expect((await fork("same-fork", "same", undefined, foreign)).status).toBe(409);
});

test("Y8 a fork whose first write is refused is not there, and does not hold its source's name", async () => {
  const json = { "content-type": "application/json" };
  await send("PUT", "pinned", '{"n":1}', json);
  const forked = { ...json, "stream-forked-from": "/v1/stream/pinned" };
  // Each of its quotes takes four bytes in the log.
  const large = `["${'\\"'.repeat(500_000)}"]`;
  expect((await send("PUT", "refused", large, forked)).status).toBe(413);
  expect((await fetch("/v1/stream/refused")).status).toBe(404);
  expect((await send("PUT", "refused", '{"n":2}', forked)).status).toBe(201);
  expect(await (await fetch("/v1/stream/refused")).text()).toBe('[{"n":1},{"n":2}]');
  await send("DELETE", "refused");
  expect((await send("PUT", "refused", large, forked)).status).toBe(413);
  await send("DELETE", "pinned");
  expect((await fetch("/v1/stream/pinned")).status).toBe(404);
});

test("Y14 what was deleted while forks of it are there is published to by nobody, and is free when they are gone", async () => {
  const json = { "content-type": "application/json" };
  await send("PUT", "left", '{"n":1}', json);
  const forked = { ...json, "stream-forked-from": "/v1/stream/left" };
  await send("PUT", "left-fork", undefined, forked);
  await send("DELETE", "left");
  const room = env.STREAMS.getByName("left") as unknown as TestRoom;
  const publish = (): Promise<Response> => fetch("/stream/left", { method: "POST", body: '{"n":2}' });
  expect(await refusal(await publish())).toBe("409 conflict");
  expect(await refusal(await fetch("/publish", { method: "POST", body: '{"siteId":"left"}' }))).toBe("409 conflict");
  const { peer } = await Peer.live(room, { from: "start" });
  peer.mutate(1, { type: "publish", events: [{ data: '{"n":3}' }] });
  expect(await peer.expect("refused")).toMatchObject({ m: 1, code: "conflict" });
  peer.socket.close();
  expect((await fetch("/stream/left", { method: "DELETE" })).status).toBe(409);
  expect(await refusal(await publish())).toBe("409 conflict");
  expect((await send("PUT", "left", undefined, json)).status).toBe(409);
  expect((await fetch("/v1/stream/left")).status).toBe(410);
  await send("DELETE", "left-fork");
  expect((await publish()).status).toBe(200);
  expect(await (await fetch("/v1/stream/left")).text()).toBe('[{"n":2}]');
});
