import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HistoryPage } from "../../src/room/api.ts";
import { TestServer } from "../harness/server.ts";
import { readBuckets } from "./bucket.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(async () => {
  await server?.stop();
});

const WRITERS = 8;
const EACH = 50;
/** Large enough that objects of the archive are written while it goes on. */
const PAD = "x".repeat(9_000);

interface SiteEvent {
  readonly id: string;
  readonly type: string;
}

let up = Promise.resolve();
let acknowledged = 0;

/** Publishes under an id until it is answered `ok`. */
async function publish(body: unknown): Promise<void> {
  for (;;) {
    await up;
    try {
      const response = await fetch(`${server.url}/publish`, { method: "POST", body: JSON.stringify(body) });
      const text = await response.text();
      if (response.ok && text === "ok") return;
      throw new Error(`${response.status} ${text}`, { cause: "answered" });
    } catch (error) {
      if (error instanceof Error && error.cause === "answered") throw error;
    }
  }
}

async function write(writer: number): Promise<void> {
  for (let n = 0; n < EACH; n += 1) {
    await publish({ siteId: "crash", id: `${writer}-${n}`, type: `w${writer}`, path: "/", pad: PAD });
    acknowledged += 1;
  }
}

async function crash(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  up = promise;
  await server.kill9();
  await server.restart();
  resolve();
}

/** Every event that the stream gives, by number from 1. */
async function published(): Promise<readonly SiteEvent[]> {
  const events: SiteEvent[] = [];
  for (let from: number | undefined = 1; from !== undefined;) {
    const answer = await fetch(`${server.url}/stream/crash/history?from=${from}&limit=1000`);
    const page = (await answer.json()) as HistoryPage;
    for (const { seq, entries } of page.runs) {
      expect(seq).toBe(events.length + 1);
      for (const op of entries.flatMap(({ ops }) => ops) as unknown as {
        readonly event: { readonly data: string };
      }[]) {
        events.push(JSON.parse(op.event.data) as SiteEvent);
      }
    }
    from = page.next;
  }
  return events;
}

/** The lines of the archive, in the order of its keys. */
function archived(): readonly { readonly seq: number; readonly data: SiteEvent }[] {
  return [...readBuckets(server.dataDir, "roomcast-archive")].flatMap(([key, text]) => {
    expect(key).toMatch(/^streams\/crash\/[0-9a-z]+\/\d{16}\.ndjson\.gz$/);
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly seq: number; readonly data: SiteEvent });
  });
}

test(
  "K10 C5 kill -9 during ingest: every event that was answered ok is there once, in the archive and in the counts too",
  { timeout: 300_000 },
  async () => {
    const all = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    for (const moment of [100, 250]) {
      await vi.waitUntil(() => acknowledged >= moment, { timeout: 60_000, interval: 5 });
      // Anywhere within a write, also of an object or of a count.
      await setTimeout(Math.random() * 20);
      await crash();
    }
    await all;
    // So much at the end that most of the archive goes on at once, and only what is less than a segment in a minute.
    const filler = Array.from({ length: 40 }, (_, n) => ({
      siteId: "crash",
      id: `f-${n}`,
      type: "filler",
      pad: "x".repeat(60_000),
    }));
    for (let from = 0; from < filler.length; from += 10) await publish(filler.slice(from, from + 10));

    const ids = [
      ...Array.from({ length: WRITERS }, (_, writer) =>
        Array.from({ length: EACH }, (_each, n) => `${writer}-${n}`),
      ).flat(),
      ...filler.map(({ id }) => id),
    ].sort();
    const events = await published();
    expect(events.map(({ id }) => id).sort()).toEqual(ids);

    const counts = await vi.waitFor(
      async () => {
        const answer = await fetch(`${server.url}/stream/crash/stats?by=type`);
        const stats = (await answer.json()) as { events: number; rows: { name: string; events: number }[] };
        expect(stats.events).toBeGreaterThanOrEqual(ids.length);
        return stats;
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(counts.events).toBe(ids.length);
    expect(Object.fromEntries(counts.rows.map(({ name, events: count }) => [name, count]))).toEqual({
      filler: filler.length,
      ...Object.fromEntries(Array.from({ length: WRITERS }, (_, writer) => [`w${writer}`, EACH])),
    });

    await vi.waitFor(() => expect(archived()).toHaveLength(events.length), { timeout: 120_000, interval: 200 });
    // Once nobody writes there any more.
    await server.kill9();
    const lines = archived();
    expect(lines.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(lines.map(({ data }) => data.id)).toEqual(events.map(({ id }) => id));
  },
);
