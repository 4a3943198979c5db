import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { runDurableObjectAlarm } from "cloudflare:test";
import { OPEN } from "../../src/room/api.ts";
import { sleep } from "../engine/sleep.ts";
import { archivedStream, query, type Stream } from "./streams.ts";

const DAY = 86_400_000;

afterEach(() => {
  vi.restoreAllMocks();
});

async function visit(name: string, visitor: string): Promise<void> {
  const outcome = await env.ARCHIVED_STREAMS.getByName(name).publish('{"type":"pageview"}', OPEN, { visitor });
  if (!outcome.ok) throw new Error(outcome.message);
}

/** The names that the newest events' visitors were given. */
async function names(room: Stream): Promise<readonly (string | undefined)[]> {
  const page = await room.history({ limit: 1_000 });
  if ("ok" in page) throw new Error(page.message);
  const ops = page.runs.flatMap(({ entries }) => entries.flatMap((entry) => entry.ops));
  return (ops as unknown as readonly { readonly event: { readonly visitor?: string } }[]).map(
    ({ event }) => event.visitor,
  );
}

test("K11 a visitor has one name in a stream on one day, whatever the room forgets, and another elsewhere", async () => {
  const room = archivedStream("names");
  await visit("names", "192.0.2.1 Firefox");
  await visit("names", "192.0.2.1 Chrome");
  await sleep(room);
  await visit("names", "192.0.2.1 Firefox");
  await visit("names elsewhere", "192.0.2.1 Firefox");
  const [first, second, again] = await names(room);
  expect(first).toMatch(/^[\w-]{11}$/);
  expect(again).toBe(first);
  expect(second).not.toBe(first);
  expect(await names(archivedStream("names elsewhere"))).not.toContain(first);
});

test("K11 nothing of what a name was made of is stored, and the salt goes with its day", async () => {
  const room = archivedStream("forgotten");
  await visit("forgotten", "192.0.2.77 Browser/5");
  const tables = ["meta", "log", "chunks", "alarms"];
  const all = JSON.stringify(await Promise.all(tables.map((table) => query(room, `SELECT * FROM ${table}`))));
  expect(all).toContain("visitor-salt");
  expect(all).not.toContain("192.0.2");
  expect(all).not.toContain("Browser/5");
  const [planned] = await query<{ at: number }>(room, "SELECT at FROM alarms WHERE task = 'forget-visitors'");
  expect(planned?.at).toBe((Math.floor(Date.now() / DAY) + 1) * DAY);

  const before = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => before + DAY);
  await sleep(room);
  await runDurableObjectAlarm(room);
  expect(await query(room, "SELECT * FROM meta WHERE key = 'visitor-salt'")).toEqual([]);
  await visit("forgotten", "192.0.2.77 Browser/5");
  const [yesterday, today] = await names(room);
  expect(today).not.toBe(yesterday);
});
