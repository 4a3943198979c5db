import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { edge, EventReader } from "../../../test/worker/edge.ts";
import { Peer } from "../../../test/engine/peer.ts";
import type { TestRoom } from "../../../test/engine/rooms.ts";
import { DIALECT_HEADER, OPEN, PARAMS_HEADER } from "../api.ts";

const { fetch } = edge({ streams: (bindings) => bindings.STREAMS });

/** Six events, each of which a producer wrote, with a mark before it. */
async function written(id: string): Promise<TestRoom> {
  const address = `/v1/stream/${encodeURIComponent(id)}`;
  const headers = { "content-type": "application/json", "producer-id": "p", "producer-epoch": "0" };
  await fetch(address, { method: "PUT", headers: { "content-type": "application/json" } });
  for (let n = 0; n < 6; n += 1) {
    const type = n % 2 === 0 ? "even" : "odd";
    const body = JSON.stringify({ n, type });
    const answer = await fetch(address, { method: "POST", headers: { ...headers, "producer-seq": String(n) }, body });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }
  return env.STREAMS.getByName(id);
}

interface Page {
  readonly events: readonly { readonly event: { readonly n: number } }[];
}

async function page(id: string, query: string): Promise<readonly number[]> {
  const { events } = await (await fetch(`/stream/${encodeURIComponent(id)}?${query}`)).json<Page>();
  return events.map(({ event }) => event.n);
}

test("B12 a page from the last so many has so many events, whatever else stands in the log", async () => {
  await written("pages");
  expect(await page("pages", "from=last:4")).toEqual([2, 3, 4, 5]);
  expect(await page("pages", "from=last:1")).toEqual([5]);
  expect(await page("pages", "from=last:99")).toEqual([0, 1, 2, 3, 4, 5]);
});

test("B12 the last so many are counted before a filter is applied", async () => {
  await written("filtered");
  expect(await page("filtered", "from=last:4&filter=type:even")).toEqual([2, 4]);
});

test("B12 a native subscriber, a reader of events and a raw one begin with the last so many events", async () => {
  const room = await written("subscribers");
  const peer = await Peer.native(room);
  await peer.hello({ from: { last: 3 } });
  const { seq } = await peer.expect("snapshot");
  const types: string[] = [];
  while (types.length < 5) {
    const run = await peer.expect("ops");
    const ops = run.entries.flatMap((entry) => entry.ops) as readonly { readonly type: string }[];
    // A run may begin before what is wanted of it.
    types.push(...ops.slice(Math.max(0, seq + 1 - run.seq)).map(({ type }) => type));
  }
  expect(types).toEqual(["event", "append", "event", "append", "event"]);
  peer.socket.close();

  const events = new EventReader(
    await fetch("/stream/subscribers?from=last:3", { headers: { accept: "text/event-stream" } }),
  );
  expect((await events.take(3)).map((event) => (event?.data as { n: number } | undefined)?.n)).toEqual([3, 4, 5]);
  await events.cancel();

  const raw = await Peer.connect(room, {
    [DIALECT_HEADER]: "raw-events",
    [PARAMS_HEADER]: JSON.stringify({ last: 3 }),
  });
  const lines = [await raw.line(), await raw.line(), await raw.line()];
  expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual([3, 4, 5]);
  raw.socket.close();
});

test("B12 where the log has events alone, they are not read to be counted", async () => {
  const room = env.STREAMS.getByName("plain");
  await room.publish('{"n":0}\n{"n":1}\n{"n":2}', OPEN);
  expect(await page("plain", "from=last:2")).toEqual([1, 2]);
});
