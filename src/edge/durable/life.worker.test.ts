import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { edge } from "../../../test/worker/edge.ts";
import { inside, type TestRoom } from "../../../test/engine/rooms.ts";
import { sleep } from "../../../test/engine/sleep.ts";

const { fetch } = edge({ streams: (bindings) => bindings.STREAMS });
const text = { "content-type": "text/plain" };
/** Seconds; the tests say themselves how much of it has passed. */
const TTL = 100;

function roomOf(id: string): TestRoom {
  return env.STREAMS.getByName(id);
}

async function make(id: string): Promise<void> {
  const headers = { ...text, "stream-ttl": String(TTL) };
  expect((await fetch(`/v1/stream/${id}`, { method: "PUT", headers, body: "hello" })).status).toBe(201);
}

/** Puts the stream's last use so many seconds back, as a sleeping room has it. */
async function age(id: string, seconds: number): Promise<void> {
  await sleep(roomOf(id));
  await inside(roomOf(id), (_, { storage }) => {
    storage.sql.exec("UPDATE meta SET value = ? WHERE key = 'durable-touched'", String(Date.now() - seconds * 1000));
    storage.sql.exec("UPDATE alarms SET at = 0 WHERE task = 'lapse'");
  });
  await sleep(roomOf(id));
}

async function stands(id: string): Promise<boolean> {
  return (await fetch(`/v1/stream/${id}`, { method: "HEAD" })).status === 200;
}

/** Seconds since the last use that is noted. */
function unusedFor(id: string): Promise<number> {
  return inside(roomOf(id), (_, { storage }) => {
    const { value } = storage.sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'durable-touched'").one();
    return (Date.now() - Number(value)) / 1000;
  });
}

function readers(id: string): Promise<number> {
  return inside(roomOf(id), (_, state) => state.getWebSockets().length);
}

test("Y11 a stream that nobody uses goes when its time is over", async () => {
  await make("unused");
  await age("unused", TTL + 1);
  await runDurableObjectAlarm(roomOf("unused"));
  expect(await stands("unused")).toBe(false);
});

test.each([
  ["events", "offset=-1&live=sse"],
  ["a long poll", "offset=now&live=long-poll"],
])("Y11 reading by %s begins its time anew, and so does HEAD not", async (_, query) => {
  const id = `begun ${query}`;
  await make(id);
  await age(id, TTL - 10);
  await fetch(`/v1/stream/${id}`, { method: "HEAD" });
  expect(await unusedFor(id)).toBeGreaterThan(TTL - 11);
  const reader = new AbortController();
  const answer = fetch(`/v1/stream/${id}?${query}`, { signal: reader.signal });
  await expect.poll(() => unusedFor(id)).toBeLessThan(TTL / 2);
  await expect.poll(() => readers(id)).toBe(1);
  reader.abort();
  await answer.then((response) => response.body?.cancel()).catch(() => undefined);
});

test("Y11 a stream stays while a reader of events is held, and its time begins when the last one leaves", async () => {
  await make("held");
  const reader = new AbortController();
  const answer = await fetch("/v1/stream/held?offset=-1&live=sse", { signal: reader.signal });
  await answer.body?.getReader().read();
  await age("held", TTL + 1);
  await runDurableObjectAlarm(roomOf("held"));
  expect(await stands("held")).toBe(true);
  await age("held", TTL + 1);
  expect(await stands("held")).toBe(true);
  await age("held", TTL - 10);
  reader.abort();
  await expect.poll(() => readers("held")).toBe(0);
  await expect.poll(() => unusedFor("held")).toBeLessThan(TTL / 2);
  await age("held", TTL + 1);
  await runDurableObjectAlarm(roomOf("held"));
  expect(await stands("held")).toBe(false);
});

test("Y11 a long poll outlives the time to live, and hears what is appended then", async () => {
  await make("polled");
  const answer = fetch("/v1/stream/polled?offset=now&live=long-poll");
  await expect.poll(() => readers("polled")).toBe(1);
  await age("polled", TTL + 1);
  await runDurableObjectAlarm(roomOf("polled"));
  const appended = await fetch("/v1/stream/polled", { method: "POST", headers: text, body: " again" });
  expect(appended.status).toBe(204);
  const heard = await answer;
  expect([heard.status, await heard.text()]).toEqual([200, " again"]);
});

test("Y11 H2 a held reader's room is woken at most once a minute, however short its time to live", async () => {
  const headers = { ...text, "stream-ttl": "1" };
  await fetch("/v1/stream/short", { method: "PUT", headers });
  const reader = new AbortController();
  const answer = await fetch("/v1/stream/short?offset=-1&live=sse", { signal: reader.signal });
  await answer.body?.getReader().read();
  await age("short", 10);
  const before = Date.now();
  await runDurableObjectAlarm(roomOf("short"));
  const at = await inside(
    roomOf("short"),
    (_, { storage }) => storage.sql.exec<{ at: number }>("SELECT at FROM alarms WHERE task = 'lapse'").one().at,
  );
  expect(at).toBeGreaterThanOrEqual(before + 60_000);
  reader.abort();
});
