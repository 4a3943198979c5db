import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { CountedRoom } from "../../src/pipeline/counted-room.ts";
import { countEvents } from "../../src/pipeline/count.ts";
import { edge, json, refusal } from "../worker/edge.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2026, 10, 20);

interface Happened {
  readonly at: number;
  readonly type: string;
  readonly path: string;
  readonly visitor?: string;
}

/** A room that logged these, at their times: what a real one takes days for. */
function past(events: readonly Happened[]): CountedRoom {
  return {
    history: async ({ from = 1 }) => ({
      epoch: "past",
      oldest: 1,
      runs: events.slice(from - 1).map(({ at, type, path, visitor }, index) => ({
        seq: from + index,
        at,
        entries: [
          {
            ops: [
              {
                type: "event",
                event: { data: JSON.stringify({ type, path }), ...(visitor === undefined ? {} : { visitor }) },
              },
            ],
          },
        ],
      })),
    }),
    counted: async () => undefined,
  };
}

async function count(site: string, events: readonly Happened[]): Promise<void> {
  // Two steps, so that sums are added to sums.
  const room = past(events);
  await countEvents(env.STATS, past(events.slice(0, 2)), { stream: site, epoch: "past", last: 2 });
  await countEvents(env.STATS, room, { stream: site, epoch: "past", last: events.length });
}

const worker = edge({ streams: (bindings) => bindings.KEPT_STREAMS, stats: (bindings) => bindings.STATS });

async function stats(site: string, query: string): Promise<unknown> {
  const response = await worker.fetch(`/stream/${site}/stats?${query}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const EVENTS: readonly Happened[] = [
  { at: MIDNIGHT + 1, type: "pageview", path: "/", visitor: "ann" },
  { at: MIDNIGHT + 2, type: "pageview", path: "/", visitor: "bob" },
  { at: MIDNIGHT + 3, type: "click", path: "/", visitor: "ann" },
  { at: MIDNIGHT + 60_000, type: "pageview", path: "/about", visitor: "ann" },
  { at: MIDNIGHT + 2 * HOUR, type: "pageview", path: "/", visitor: "ann" },
  { at: MIDNIGHT + 3 * DAY, type: "pageview", path: "/" },
];

test("K9 counts by minute, hour and day, with the visitors of each", async () => {
  await count("by-time", EVENTS);
  const range = `from=${MIDNIGHT}&to=${MIDNIGHT + DAY}`;
  expect(await stats("by-time", `by=minute&${range}`)).toEqual({
    by: "minute",
    from: MIDNIGHT,
    to: MIDNIGHT + DAY,
    events: 5,
    countedTo: MIDNIGHT + 3 * DAY,
    rows: [
      { at: MIDNIGHT, events: 3, visitors: 2 },
      { at: MIDNIGHT + 60_000, events: 1, visitors: 1 },
      { at: MIDNIGHT + 2 * HOUR, events: 1, visitors: 1 },
    ],
  });
  expect(await stats("by-time", `by=hour&${range}`)).toMatchObject({
    rows: [
      { at: MIDNIGHT, events: 4, visitors: 2 },
      { at: MIDNIGHT + 2 * HOUR, events: 1, visitors: 1 },
    ],
  });
  expect(await stats("by-time", `by=day&from=2026-11-19&to=2026-11-30`)).toMatchObject({
    events: 6,
    rows: [
      { at: MIDNIGHT, events: 5, visitors: 2 },
      { at: MIDNIGHT + 3 * DAY, events: 1, visitors: 0 },
    ],
  });
});

test("K9 counts by type and by page, the most frequent first, of one type or page when asked", async () => {
  await count("by-name", EVENTS);
  const range = `from=${MIDNIGHT}&to=${MIDNIGHT + 4 * DAY}`;
  expect(await stats("by-name", `by=type&${range}`)).toMatchObject({
    events: 6,
    rows: [
      { name: "pageview", events: 5 },
      { name: "click", events: 1 },
    ],
  });
  expect(await stats("by-name", `by=page&${range}&type=pageview`)).toMatchObject({
    events: 5,
    rows: [
      { name: "/", events: 4 },
      { name: "/about", events: 1 },
    ],
  });
  expect(
    await stats(
      "by-name",
      `by=minute&${range.replace(String(MIDNIGHT + 4 * DAY), String(MIDNIGHT + DAY))}&page=/about`,
    ),
  ).toMatchObject({
    events: 1,
    rows: [{ at: MIDNIGHT + 60_000, events: 1 }],
  });
});

test("K11 visitors' hashes are gone two days after, and what was counted of them stays", async () => {
  await count("pruned", [...EVENTS, { at: MIDNIGHT + 3 * DAY, type: "pageview", path: "/", visitor: "eve" }]);
  const { results } = await env.STATS.prepare("SELECT DISTINCT visitor FROM visitors WHERE site = 'pruned'").all();
  expect(results).toEqual([{ visitor: "eve" }]);
  expect(await stats("pruned", `by=day&from=${MIDNIGHT}&to=${MIDNIGHT + DAY}`)).toMatchObject({
    rows: [{ visitors: 2 }],
  });
});

test("K9 a site that nobody counted has no rows", async () => {
  expect(await stats("nothing", "by=day")).toMatchObject({ events: 0, rows: [] });
});

test.each([
  "by=week",
  "from=yesterday",
  "from=9999999999999999",
  "to=-5",
  "from=2026-11-21&to=2026-11-20",
  "by=minute&from=2026-11-01&to=2026-11-20",
])("K9 a query that is wrong is refused: %s", async (query) => {
  expect(await refusal(await worker.fetch(`/stream/x/stats?${query}`))).toBe("400 bad_request");
});

test("K9 who may not read a stream may not read its counts", async () => {
  const closed = edge({
    streams: (bindings) => bindings.KEPT_STREAMS,
    stats: (bindings) => bindings.STATS,
    authorize: () => ({ can: ["write"] }),
  });
  expect(await refusal(await closed.fetch("/stream/x/stats"))).toBe("403 forbidden");
  expect(await refusal(await worker.fetch("/stream/x/stats", json("POST", {})))).toBe("405 method_not_allowed");
});
