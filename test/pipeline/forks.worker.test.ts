import { env } from "cloudflare:workers";
import { countEvents } from "../../src/pipeline/count.ts";
import { expect, test } from "vitest";
import { edge } from "../worker/edge.ts";
import { archived, archivedStream, inside, type Stream } from "./streams.ts";

const { fetch } = edge({ streams: (bindings) => bindings.ARCHIVED_STREAMS });

/** Counts all that a stream has, and answers how many events that makes. */
async function counted(id: string): Promise<number | null> {
  const room = archivedStream(id);
  const { epoch, seq } = await inside(room, ({ engine }) => engine.ledger.position);
  await countEvents(env.STATS, room, { stream: id, epoch, last: seq });
  return env.STATS.prepare("SELECT sum(events) AS events FROM counts WHERE site = ?").bind(id).first<number>("events");
}

async function send(method: string, id: string, n?: number, from?: string): Promise<void> {
  const answer = await fetch(`/v1/stream/${id}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(from === undefined ? {} : { "stream-forked-from": `/v1/stream/${from}` }),
    },
    ...(n === undefined ? {} : { body: `{"n":${n}}` }),
  });
  if (!answer.ok) throw new Error(`${method} ${id}: ${answer.status} ${await answer.text()}`);
}

async function epochOf(room: Stream): Promise<string> {
  return inside(room, ({ engine }) => engine.ledger.position.epoch);
}

async function archivedKeys(id: string): Promise<readonly string[]> {
  const { objects } = await env.ARCHIVE.list({ prefix: `streams/${id}/` });
  return objects.map(({ key }) => key);
}

test("Y7 K2 K5 a fork that is deleted and made again is archived as another history, and the old one is deleted", async () => {
  await send("PUT", "archived-source", 1);
  const room = archivedStream("archived-fork");
  await send("PUT", "archived-fork", 2, "archived-source");
  const first = await epochOf(room);
  await archived(room, 4);
  await send("DELETE", "archived-fork");
  await send("PUT", "archived-fork", 3, "archived-source");
  const second = await epochOf(room);
  expect(second).not.toBe(first);
  await archived(room, 4);
  expect(await archivedKeys("archived-fork")).toEqual([`streams/archived-fork/${second}/0000000000000001.ndjson.gz`]);
});

test("K6 what marks a producer's request, a close or the making of a stream is no event, and is not counted", async () => {
  await send("PUT", "marked", 1);
  for (const seq of [0, 1, 2]) {
    const answer = await fetch("/v1/stream/marked", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "producer-id": "p",
        "producer-epoch": "0",
        "producer-seq": String(seq),
        ...(seq === 2 ? { "stream-closed": "true" } : {}),
      },
      body: `[{"n":${seq}},{"n":${seq}}]`,
    });
    expect(answer.ok).toBe(true);
  }
  expect(await counted("marked")).toBe(7);
  expect(await counted("marked")).toBe(7);
});

test("K7 a fork counts under its own name what was appended to it, and not again what its source had", async () => {
  await send("PUT", "counted-source", 1);
  await send("POST", "counted-source", 2);
  await send("PUT", "counted-fork", 3, "counted-source");
  await send("POST", "counted-fork", 4);
  expect(await counted("counted-source")).toBe(2);
  expect(await counted("counted-fork")).toBe(2);
  // Another history of the same name has counts of its own.
  await send("DELETE", "counted-fork");
  await send("PUT", "counted-fork", 5, "counted-source");
  expect(await counted("counted-fork")).toBe(3);
});
