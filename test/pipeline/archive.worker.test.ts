import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import { gunzipLines } from "../../src/room/archive/gzip.ts";
import { sleep } from "../engine/sleep.ts";
import { down } from "../worker/pipeline.ts";
import {
  archived,
  everyEvent,
  inside,
  numbered,
  publish,
  query,
  archivedStream as stream,
  type Stream,
} from "./streams.ts";

afterEach(() => {
  down.archive = false;
});

async function keys(name: string): Promise<readonly string[]> {
  const { objects } = await env.ARCHIVE.list({ prefix: `streams/${encodeURIComponent(name)}/` });
  return objects.map(({ key }) => key);
}

/** Cuts the pause short that a failed try begins. */
async function tryAgain(room: Stream): Promise<void> {
  await query(room, "UPDATE alarms SET at = 0 WHERE task = 'archive'");
  await sleep(room);
  await runDurableObjectAlarm(room);
}

async function linesAt(key: string): Promise<readonly string[]> {
  const object = await env.ARCHIVE.get(key);
  if (object === null) throw new Error(`No ${key}`);
  return gunzipLines(object.body);
}

test("K1 events stand in the bucket as gzipped lines of JSON, under a key that says where they begin", async () => {
  const room = stream("a site/über");
  await publish(room, [{ type: "view", path: "/" }, '{ "n": 1.0 }']);
  await archived(room, 2);
  const { epoch } = await inside(room, ({ engine }) => engine.ledger.position);
  const [key = "", ...others] = await keys("a site/über");
  expect(others).toEqual([]);
  expect(key).toBe(`streams/a%20site%2F%C3%BCber/${epoch}/0000000000000001.ndjson.gz`);
  const lines = await linesAt(key);
  expect(lines.map((line) => line.replace(/"at":\d+/, '"at":0'))).toEqual([
    '{"seq":1,"at":0,"data":{"type":"view","path":"/"}}',
    '{"seq":2,"at":0,"entry":1,"data":{ "n": 1.0 }}',
  ]);
  expect((await env.ARCHIVE.head(key))?.customMetadata).toMatchObject({ first: "1", last: "2" });
});

test("K2 the newest object grows, and a new one begins when it is large", async () => {
  const room = stream("grows");
  await publish(room, numbered(1, 5));
  await archived(room, 5);
  await publish(room, numbered(6, 8));
  await archived(room, 8);
  expect(await keys("grows")).toHaveLength(1);
  const text = "x".repeat(60_000);
  for (let n = 9; n <= 46; n += 1) await publish(room, [{ n, text }]);
  await archived(room, 46);
  const all = await keys("grows");
  expect(all.length).toBeGreaterThan(1);
  const lines = (await Promise.all(all.map(linesAt))).flat();
  expect(lines.map((line) => (JSON.parse(line) as { data: { n: number } }).data.n)).toEqual(
    numbered(1, 46).map(({ n }) => n),
  );
});

test("K2 after a crash between the object and its note, the same key holds the events and what came since, once", async () => {
  const room = stream("crash");
  await publish(room, numbered(1, 10));
  await archived(room, 10);
  // As the crash leaves it: the object is there, and nothing says so.
  await inside(room, (_, { storage }) => void storage.sql.exec("DELETE FROM segments"));
  await sleep(room);
  await publish(room, numbered(11, 12));
  await archived(room, 12);
  const [key = "", ...others] = await keys("crash");
  expect(others).toEqual([]);
  expect((await linesAt(key)).map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
    numbered(1, 12).map(({ n }) => n),
  );
});

test("K2 an object that was sent earlier and arrives late does not take the place of a newer one", async () => {
  const room = stream("late");
  await publish(room, numbered(1, 2));
  await archived(room, 2);
  const [key = ""] = await keys("late");
  const before = await env.ARCHIVE.head(key);
  await publish(room, numbered(3, 4));
  await archived(room, 4);
  // What the room sends is conditional on what it saw when it began.
  expect(await env.ARCHIVE.put(key, "late", { onlyIf: { etagMatches: before?.etag ?? "" } })).toBeNull();
  expect(await env.ARCHIVE.put(key, "late", { onlyIf: new Headers({ "if-none-match": "*" }) })).toBeNull();
  expect(await linesAt(key)).toHaveLength(4);
});

test("K3 K4 a read from before the log goes on from the archive into the log, without a gap or a repeat", async () => {
  const room = stream("reads on");
  for (let from = 1; from <= 200; from += 8) await publish(room, numbered(from, from + 7));
  await archived(room, 200);
  // The next commit drops what is archived.
  await publish(room, numbered(201, 203));
  const oldest = await inside(room, ({ engine }) => engine.ledger.oldest);
  expect(oldest).toBeGreaterThan(150);
  expect((await everyEvent(room)).map((data) => (JSON.parse(data) as { n: number }).n)).toEqual(
    numbered(1, 203).map(({ n }) => n),
  );
  await sleep(room);
  expect(await inside(room, ({ past }) => past.oldest)).toBe(1);
  const runs = await inside(room, ({ past }) => past.read(100));
  expect(runs?.[0]?.first).toBe(101);
});

test("K3 while the bucket is down events are taken as ever and none is dropped; it catches up afterwards", async () => {
  const room = stream("down");
  down.archive = true;
  for (let from = 1; from <= 100; from += 10) await publish(room, numbered(from, from + 9));
  expect(await inside(room, ({ engine }) => engine.ledger.oldest)).toBe(1);
  expect(await keys("down")).toEqual([]);
  down.archive = false;
  await tryAgain(room);
  await archived(room, 100);
  expect(await everyEvent(room)).toHaveLength(100);
});

test("K3 what the log dropped long ago, archived, is no backlog, also after a sleep", async () => {
  const room = stream("slept");
  const text = "x".repeat(10_000);
  for (let n = 1; n <= 40; n += 1) await publish(room, [{ n, text }]);
  await archived(room, 40);
  down.archive = true;
  for (let n = 41; n <= 80; n += 1) await publish(room, [{ n }]);
  await sleep(room);
  for (let n = 81; n <= 130; n += 1) await publish(room, [{ n }]);
  expect(await inside(room, ({ engine }) => engine.ledger.oldest)).toBeLessThanOrEqual(41);
  down.archive = false;
  await tryAgain(room);
  await archived(room, 130);
  expect((await everyEvent(room)).map((data) => (JSON.parse(data) as { n: number }).n)).toEqual(
    numbered(1, 130).map(({ n }) => n),
  );
});

test("K3 what the log has dropped is no backlog, awake or after a sleep", async () => {
  const room = stream("dropped");
  down.archive = true;
  const text = "x".repeat(10_000);
  for (let n = 1; n <= 60; n += 1) await publish(room, [{ n, text }]);
  const { oldest } = await inside(room, ({ engine: { ledger } }) => ({ oldest: ledger.oldest }));
  // Now little is held, and what comes is held with it.
  for (let n = 61; n <= 100; n += 1) await publish(room, [{ n }]);
  const first = await inside(room, ({ engine }) => engine.ledger.oldest);
  await sleep(room);
  for (let n = 101; n <= 140; n += 1) await publish(room, [{ n }]);
  expect(oldest).toBeGreaterThan(1);
  expect(await inside(room, ({ engine }) => engine.ledger.oldest)).toBe(first);
});

test("K3 past its bound a log drops what the archive never got, and reading says that it is gone", async () => {
  const room = stream("bound");
  down.archive = true;
  const text = "x".repeat(10_000);
  for (let n = 1; n <= 60; n += 1) await publish(room, [{ n, text }]);
  expect(await inside(room, ({ engine }) => engine.ledger.oldest)).toBeGreaterThan(1);
  down.archive = false;
  await tryAgain(room);
  await archived(room, 60);
  expect(await room.history({ from: 1 })).toMatchObject({ ok: false, code: "gone" });
  const kept = await everyEvent(room);
  expect(kept.length).toBeLessThan(60);
  expect((JSON.parse(kept.at(-1) ?? "{}") as { n: number }).n).toBe(60);
});

test("K4 an object that a rule of the bucket has removed is gone, and what comes after it is read", async () => {
  const room = stream("lifecycle");
  const text = "x".repeat(60_000);
  for (let n = 1; n <= 42; n += 1) await publish(room, [{ n, text }]);
  await archived(room, 42);
  await publish(room, numbered(43, 62));
  const [oldest = "", second = ""] = await keys("lifecycle");
  await env.ARCHIVE.delete(oldest);
  await sleep(room);
  expect(await room.history({ from: 1 })).toMatchObject({ ok: false, code: "gone" });
  const rest = await everyEvent(room);
  expect((JSON.parse(rest[0] ?? "{}") as { n: number }).n).toBe(Number(/(\d+)\.ndjson/.exec(second)?.[1]));
  expect((JSON.parse(rest.at(-1) ?? "{}") as { n: number }).n).toBe(62);
});

test("K5 a clear deletes the archive of what was cleared", async () => {
  const room = stream("cleared");
  await publish(room, numbered(1, 5));
  await archived(room, 5);
  const [before = ""] = await keys("cleared");
  await room.clear(OPEN);
  expect(await room.history({ from: 1 })).toMatchObject({ runs: [] });
  await publish(room, [{ n: "new" }]);
  await archived(room, 1);
  const [after = "", ...others] = await keys("cleared");
  expect(others).toEqual([]);
  expect(after).not.toBe(before);
  expect(await everyEvent(room)).toEqual(['{"n":"new"}']);
});

test("H2 K2 a stream that is archived plans nothing more for its archive", async () => {
  const room = stream("rests");
  await publish(room, numbered(1, 3));
  await archived(room, 3);
  await expect
    .poll(async () => (await query<{ task: string }>(room, "SELECT task FROM alarms")).map(({ task }) => task))
    .not.toContain("archive");
});
