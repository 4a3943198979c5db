import { env } from "cloudflare:workers";
import { DurableStream, IdempotentProducer } from "@durable-streams/client";
import { expect, test } from "vitest";
import { edge, ORIGIN } from "../../../test/worker/edge.ts";
import { Peer } from "../../../test/engine/peer.ts";
import { sleep } from "../../../test/engine/sleep.ts";
import { inside, type TestRoom } from "../../../test/engine/rooms.ts";

const MEBIBYTE = 1024 * 1024;

const { fetch } = edge({ streams: (bindings) => bindings.STREAMS });

async function make(id: string, type: string, body?: BodyInit): Promise<Response> {
  return fetch(`/v1/stream/${id}`, {
    method: "PUT",
    headers: { "content-type": type },
    ...(body === undefined ? {} : { body }),
  });
}

async function append(id: string, type: string, body: BodyInit): Promise<number> {
  return (await fetch(`/v1/stream/${id}`, { method: "POST", headers: { "content-type": type }, body })).status;
}

/** All that a stream holds, page by page. */
async function pages(id: string): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const found: Uint8Array<ArrayBuffer>[] = [];
  for (let offset = "-1"; ;) {
    const page = await fetch(`/v1/stream/${id}?offset=${offset}`);
    if (page.status !== 200) throw new Error(`${page.status} ${await page.text()}`);
    offset = page.headers.get("stream-next-offset") ?? "";
    found.push(new Uint8Array(await page.arrayBuffer()));
    if (page.headers.get("stream-up-to-date") === "true") return found;
  }
}

async function valuesOf(id: string): Promise<readonly unknown[]> {
  return (await pages(id)).flatMap((page) => JSON.parse(new TextDecoder().decode(page)) as unknown[]);
}

async function bytesOf(id: string): Promise<Uint8Array> {
  return new Uint8Array(await new Blob([...(await pages(id))]).arrayBuffer());
}

test("Y9 an append of one mebibyte is taken, however small its values are", async () => {
  await make("ones", "application/json");
  const values = Array.from({ length: MEBIBYTE / 16 - 1 }, (_, n) => 1e14 + n);
  expect(JSON.stringify(values)).toHaveLength(MEBIBYTE - 15);
  expect(await append("ones", "application/json", JSON.stringify(values))).toBe(204);
  await sleep(env.STREAMS.getByName("ones"));
  expect(await valuesOf("ones")).toEqual(values);
});

test("Y9 nor however many they are: only what the stream retains of them can be read then", async () => {
  await make("many", "application/json");
  const count = MEBIBYTE / 2 - 1;
  const body = `[${"1,".repeat(count - 1)}1]`;
  expect(await append("many", "application/json", body)).toBe(204);
  const room = env.STREAMS.getByName("many");
  await sleep(room);
  const { text } = await room.readText();
  expect((JSON.parse(text) as { count: number }).count).toBe(count);
  const kept = await valuesOf("many");
  expect(kept.length).toBeGreaterThan(100_000);
});

test("Y9 C1 a batch that takes several rows comes to native clients in order, and none of it where part is refused", async () => {
  const room = env.STREAMS.getByName("rows") as unknown as TestRoom;
  await make("rows", "application/json");
  const { peer } = await Peer.live(room, { from: "start" });
  const count = 60_000;
  expect(await append("rows", "application/json", `[${Array.from({ length: count }, () => 12).join(",")}]`)).toBe(204);
  const numbers: number[] = [];
  while (numbers.length < count + 1) {
    const message = await peer.next();
    if (message.t === "mark") peer.send({ t: "ack", n: message.n });
    if (message.t === "ops")
      numbers.push(...message.entries.flatMap(({ ops }) => ops).map((_, at) => message.seq + at));
  }
  expect(numbers).toEqual(Array.from({ length: count + 1 }, (_, index) => index + 1));
  const rows = await inside(room, (_, { storage }) => storage.sql.exec("SELECT first FROM log").toArray());
  expect(rows.length).toBeGreaterThan(3);
  // The second of them is larger than a row.
  expect(await append("rows", "application/json", `[1,"${'\\"'.repeat(600_000)}"]`)).toBe(413);
  expect(await append("rows", "application/json", "[2]")).toBe(204);
  let message = await peer.next();
  while (message.t === "mark") message = await peer.next();
  expect(message).toMatchObject({ t: "ops", seq: count + 2 });
  peer.socket.close();
});

test.each([
  ["control characters", new Uint8Array(MEBIBYTE)],
  ["bytes that are no text", new Uint8Array(MEBIBYTE).fill(0xff)],
  ["quotes", new Uint8Array(MEBIBYTE).fill(0x22)],
  ["text of three bytes a character", new TextEncoder().encode("€".repeat(1_000_000))],
])("Y9 an append of one mebibyte or more is taken and read as it was: %s", async (what, bytes) => {
  const id = `bytes-${what.length}`;
  await make(id, "text/plain", "x");
  expect(await append(id, "text/plain", bytes)).toBe(204);
  await sleep(env.STREAMS.getByName(id));
  const read = await bytesOf(id);
  expect(read.length).toBe(bytes.length + 1);
  expect(read.subarray(1).every((byte, at) => byte === bytes[at])).toBe(true);
});

test("Y9 what is over the limits is a 413 and changes nothing", async () => {
  await make("over", "application/json");
  const many = `[${"1,".repeat(MEBIBYTE / 2)}1]`;
  expect(await append("over", "application/json", many)).toBe(413);
  expect(await append("over", "application/json", `["${"x".repeat(4 * MEBIBYTE)}"]`)).toBe(413);
  expect(await valuesOf("over")).toEqual([]);
});

test("Y9 a fork takes part of a message of several chunks", async () => {
  const text = "€".repeat(500_000);
  await make("chunks", "text/plain", text);
  const answer = await fetch("/v1/stream/chunks-fork", {
    method: "PUT",
    headers: {
      "content-type": "text/plain",
      "stream-forked-from": "/v1/stream/chunks",
      "stream-fork-offset": `${"0".repeat(16)}_${"0".repeat(16)}`,
      "stream-fork-sub-offset": "1200000",
    },
  });
  expect(answer.status).toBe(201);
  expect(new TextDecoder().decode(await bytesOf("chunks-fork"))).toBe("€".repeat(400_000));
});

test("Y9 the protocol's own client, as it comes, loses nothing of what it gathers", async () => {
  const url = `${ORIGIN}/v1/stream/gathered`;
  const here = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    fetch(typeof input === "string" ? input : input instanceof URL ? input.href : input.url, init);
  const stream = await DurableStream.create({ url, contentType: "application/json", fetch: here });
  const failures: unknown[] = [];
  const producer = new IdempotentProducer(stream, "gatherer", {
    fetch: here,
    onError: (error) => failures.push(error),
  });
  const count = 120_000;
  for (let i = 0; i < count; i += 1) producer.append(`{"i":${i}}`);
  await producer.flush();
  expect(failures).toEqual([]);
  expect((await valuesOf("gathered")).at(-1)).toEqual({ i: count - 1 });
  const state = await env.STREAMS.getByName("gathered").readText();
  expect((JSON.parse(state.text) as { count: number }).count).toBe(count);
  await producer.close();
});
