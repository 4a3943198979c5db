import { createExecutionContext, createMessageBatch, getQueueResult, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import { countEvents } from "../../src/pipeline/count.ts";
import type { CountedRoom } from "../../src/pipeline/counted-room.ts";
import { prepare } from "../../src/pipeline/schema.ts";
import type { Pointer } from "../../src/room/archive/pointer.ts";
import { sleep } from "../engine/sleep.ts";
import { down, queue } from "../worker/pipeline.ts";
import { archivedStream, countedStream, inside, numbered, publish, query, type Stream } from "./streams.ts";

afterEach(() => {
  down.queue = false;
  down.stats = false;
});

async function counts(site: string): Promise<Readonly<Record<string, number>>> {
  await prepare(env.STATS);
  const { results } = await env.STATS.prepare(
    "SELECT type || ' ' || page AS name, sum(events) AS events FROM counts WHERE site = ? GROUP BY 1 ORDER BY 1",
  )
    .bind(site)
    .all<{ name: string; events: number }>();
  return Object.fromEntries(results.map(({ name, events }) => [name, events]));
}

const WAITING = { timeout: 30_000, interval: 10 };

/** Resolves when the room was told that everything is counted. */
async function counted(room: Stream, seq: number): Promise<void> {
  await vi.waitFor(async () => {
    const [row] = await query<{ value: string }>(room, "SELECT value FROM meta WHERE key = 'counted'");
    if (row?.value.endsWith(`.${seq}`) !== true) throw new Error(`Counted up to ${row?.value}, not ${seq}`);
  }, WAITING);
}

async function pointer(room: Stream, name: string, last: number): Promise<Pointer> {
  const { epoch } = await inside(room, ({ engine }) => engine.ledger.position);
  return { stream: name, epoch, last };
}

function roomOf(room: Stream): CountedRoom {
  return room;
}

test("K6 what is published is counted by way of the queue", async () => {
  const room = countedStream("counted");
  await publish(room, [
    { type: "pageview", path: "/" },
    { type: "pageview", path: "/about" },
    { type: "click", path: "/" },
  ]);
  await publish(room, [{ type: "pageview", path: "/" }]);
  await counted(room, 4);
  expect(await counts("counted")).toEqual({ "click /": 1, "pageview /": 2, "pageview /about": 1 });
});

test("K7 a message that comes twice, late, or beside another counts nothing twice", async () => {
  const room = archivedStream("twice");
  await publish(room, numbered(1, 60));
  const last = await pointer(room, "twice", 60);
  const all = [last, { ...last, last: 20 }, last, { ...last, last: 40 }, last];
  await Promise.all(all.map((each) => countEvents(env.STATS, roomOf(room), each)));
  for (const each of all) await countEvents(env.STATS, roomOf(room), each);
  expect(await counts("twice")).toEqual({ " ": 60 });
});

test("K7 when two count at the same time, the transaction of one is undone whole", async () => {
  const room = archivedStream("race");
  await publish(room, [{ type: "a" }, { type: "b" }]);
  const target = await pointer(room, "race", 2);
  // Both read before either writes.
  let waiting = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow: CountedRoom = {
    history: async (range) => {
      const page = await roomOf(room).history(range);
      waiting += 1;
      if (waiting === 2) resolve();
      await promise;
      return page;
    },
    counted: (epoch, last) => roomOf(room).counted(epoch, last),
  };
  await Promise.all([countEvents(env.STATS, slow, target), countEvents(env.STATS, slow, target)]);
  expect(waiting).toBe(2);
  expect(await counts("race")).toEqual({ "a ": 1, "b ": 1 });
});

test("K7 a message that was lost is made up for by the next one", async () => {
  const room = archivedStream("lost");
  await publish(room, numbered(1, 5));
  await publish(room, numbered(6, 7));
  await countEvents(env.STATS, roomOf(room), await pointer(room, "lost", 7));
  expect(await counts("lost")).toEqual({ " ": 7 });
});

test("K8 while the queue is down events are taken as ever; they are counted afterwards", async () => {
  const room = countedStream("queue down");
  down.queue = true;
  await publish(room, numbered(1, 3));
  await runDurableObjectAlarm(room);
  expect(await counts("queue down")).toEqual({});
  down.queue = false;
  await query(room, "UPDATE alarms SET at = 0 WHERE task = 'forward'");
  await sleep(room);
  await runDurableObjectAlarm(room);
  await counted(room, 3);
  expect(await counts("queue down")).toEqual({ " ": 3 });
});

test("K8 what the consumer did not count is sent again until it has, also from the archive", async () => {
  const room = countedStream("stats down");
  down.stats = true;
  for (let from = 1; from <= 100; from += 10) await publish(room, numbered(from, from + 9));
  // The messages are given up: no retry of the queue's brings them back.
  await expect
    .poll(async () => (await query<{ task: string }>(room, "SELECT task FROM alarms")).map(({ task }) => task))
    .toContain("recount");
  await vi.waitFor(async () => {
    const { oldest } = await inside(room, ({ engine }) => engine.ledger);
    const [row] = await query<{ last: number | null }>(room, "SELECT max(last) AS last FROM segments");
    if (oldest === 1) await publish(room, [{ n: 0 }]);
    expect(row?.last).toBeGreaterThan(80);
    expect(oldest).toBeGreaterThan(1);
  }, WAITING);
  const { seq } = await inside(room, ({ engine }) => engine.ledger.position);
  expect(await counts("stats down")).toEqual({});
  down.stats = false;
  await query(room, "UPDATE alarms SET at = 0 WHERE task = 'recount'");
  await sleep(room);
  await runDurableObjectAlarm(room);
  await counted(room, seq);
  expect(await counts("stats down")).toEqual({ " ": seq });
});

test("K8 one stream's failure holds up no other's messages", async () => {
  const room = archivedStream("well");
  await publish(room, numbered(1, 2));
  const good = await pointer(room, "well", 2);
  const bindings = { ...env, KEPT_STREAMS: { getByName: (name: string) => (name === "well" ? room : {}) } };
  const bad: Pointer = { stream: "broken", epoch: "0123456789", last: 5 };
  const batch = createMessageBatch<Pointer>("test-events", [
    { id: "bad", timestamp: new Date(), attempts: 1, body: bad },
    { id: "good", timestamp: new Date(), attempts: 1, body: good },
  ]);
  const context = createExecutionContext();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  await queue(batch, bindings as unknown as Cloudflare.Env);
  const result = await getQueueResult(batch, context);
  expect(result.explicitAcks).toEqual(["good"]);
  expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["bad"]);
  expect(await counts("well")).toEqual({ " ": 2 });
});

test("K8 what was cleared before it was counted is passed over", async () => {
  const room = archivedStream("gone");
  await publish(room, numbered(1, 5));
  const before = await pointer(room, "gone", 5);
  await room.clear(OPEN);
  await countEvents(env.STATS, roomOf(room), before);
  expect(await counts("gone")).toEqual({});
  await publish(room, numbered(1, 2));
  await countEvents(env.STATS, roomOf(room), await pointer(room, "gone", 2));
  expect(await counts("gone")).toEqual({ " ": 2 });
});
