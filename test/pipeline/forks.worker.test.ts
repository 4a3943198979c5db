import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { edge } from "../worker/edge.ts";
import { archived, archivedStream, inside, type Stream } from "./streams.ts";

const { fetch } = edge({ streams: (bindings) => bindings.ARCHIVED_STREAMS });

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
