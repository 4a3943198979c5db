import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import { gunzipLines, gzip } from "../../src/room/archive/gzip.ts";
import { sleep } from "../engine/sleep.ts";
import { edge, EventReader, refusal } from "../worker/edge.ts";
import { down } from "../worker/pipeline.ts";
import { archived, archivedStream, everyEvent, inside, numbered, publish, query, type Stream } from "./streams.ts";

const worker = edge({ streams: (bindings) => bindings.ARCHIVED_STREAMS });

afterEach(() => {
  down.archive = false;
});

async function keys(name: string): Promise<readonly string[]> {
  const { objects } = await env.ARCHIVE.list({ prefix: `streams/${name}/` });
  return objects.map(({ key }) => key);
}

/** Inside a room's object: what its own class may use. */
interface Opened {
  publish(lines: string, admission: typeof OPEN): Promise<unknown>;
  readonly engine: { readonly store: { readonly log: { after(seq: number): Iterable<unknown> } } };
}

async function ns(room: Stream): Promise<readonly number[]> {
  return (await everyEvent(room)).map((data) => (JSON.parse(data) as { n: number }).n);
}

test("K2 an object has no gap when the log is trimmed while it is put, and readers get past what was lost", async () => {
  const room = archivedStream("trimmed");
  const text = "x".repeat(10_000);
  down.archive = true;
  for (let n = 1; n <= 15; n += 1) await publish(room, [{ n, text }]);
  down.archive = false;
  await inside(room, (instance) => {
    const opened = instance as unknown as Opened;
    const { log } = opened.engine.store;
    const after = log.after.bind(log);
    let reads = 0;
    log.after = (seq) => {
      reads += 1;
      // Between two pieces, past the backlog: the log drops what the archive has not read yet.
      const lines = Array.from({ length: 25 }, (_, at) => JSON.stringify({ n: 16 + at, text }));
      if (reads === 2) void opened.publish(lines.join("\n"), OPEN);
      if (reads === 3) void opened.publish('{"n":41}', OPEN);
      return after(seq);
    };
  });
  await query(room, "UPDATE alarms SET at = 0 WHERE task = 'archive'");
  await runDurableObjectAlarm(room);
  await archived(room, 41);
  expect(await ns(room)).toEqual(numbered(16, 41).map(({ n }) => n));
  const reader = new EventReader(await worker.fetch("/stream/trimmed/events?from=start"));
  expect((await reader.take(26)).at(-1)).toMatchObject({ data: { n: 41 } });
  await reader.cancel();
});

test("K4 an archive that ends before the log begins is not read: what is between is gone", async () => {
  const room = archivedStream("apart");
  for (let n = 1; n <= 5; n += 1) await publish(room, [{ n }]);
  await archived(room, 5);
  down.archive = true;
  const text = "x".repeat(10_000);
  for (let n = 6; n <= 60; n += 1) await publish(room, [{ n, text }]);
  const oldest = await inside(room, ({ engine }) => engine.ledger.oldest);
  expect(oldest).toBeGreaterThan(6);
  expect(await room.history({ from: 1 })).toMatchObject({ ok: false, code: "gone" });
  expect(await room.history({})).toMatchObject({ oldest });
  expect((await ns(room))[0]).toBe(oldest);
});

test("K4 an object with a gap, as older code put them, ends neither pages nor readers: they begin after it", async () => {
  const room = archivedStream("holed");
  // All in one object; then what makes the log drop most of them.
  down.archive = true;
  for (let from = 1; from <= 41; from += 10) await publish(room, numbered(from, from + 9));
  down.archive = false;
  await query(room, "UPDATE alarms SET at = 0 WHERE task = 'archive'");
  await sleep(room);
  await runDurableObjectAlarm(room);
  await archived(room, 50);
  await publish(room, numbered(51, 60));
  await archived(room, 60);
  const [key = ""] = await keys("holed");
  const object = await env.ARCHIVE.get(key);
  if (object === null) throw new Error("no object");
  const lines = (await gunzipLines(object.body)).filter((_, at) => at < 4 || at > 6);
  const { httpMetadata, customMetadata } = object;
  await env.ARCHIVE.put(key, await gzip(lines.map((line) => `${line}\n`)), {
    ...(httpMetadata === undefined ? {} : { httpMetadata }),
    ...(customMetadata === undefined ? {} : { customMetadata }),
  });
  await sleep(room);
  const { epoch, oldest } = await inside(room, ({ engine: { ledger } }) => ({
    epoch: ledger.position.epoch,
    oldest: ledger.oldest,
  }));
  const reader = new EventReader(await worker.fetch("/stream/holed/events?from=start"));
  expect((await reader.take(60 - oldest + 2)).at(-1)).toMatchObject({ data: { n: 60 } });
  await reader.cancel();
  const page = await worker.fetch("/stream/holed?from=start");
  expect(await page.json()).toMatchObject({ oldest: `${epoch}.${oldest}`, more: false });
  expect(await refusal(await worker.fetch(`/stream/holed?from=${epoch}.2`))).toBe("410 gone");
  expect((await ns(room))[0]).toBe(oldest);
});

test("K4 history names the same oldest op on every page, be it of the archive or of the log", async () => {
  const room = archivedStream("one-oldest");
  for (let from = 1; from <= 41; from += 10) await publish(room, numbered(from, from + 9));
  await archived(room, 50);
  const { ledger } = await inside(room, ({ engine }) => ({ ledger: engine.ledger.oldest }));
  expect(ledger).toBeGreaterThan(1);
  for (const from of [1, ledger, 50, 51]) expect(await room.history({ from })).toMatchObject({ oldest: 1 });
});
