import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Peer } from "./peer.ts";

test("a mutation reaches everybody, and a wake changes nothing", async () => {
  const room = env.COUNTERS.getByName("smoke");
  const a = await Peer.native(room);
  const b = await Peer.native(room);
  const welcome = await a.hello();
  expect(welcome).toMatchObject({ kind: "counter", last: 0, head: 0, resume: "snapshot" });
  expect(await a.expect("snapshot")).toMatchObject({ seq: 0, state: { count: 0 } });
  await b.hello();
  await b.expect("snapshot");
  a.mutate(1, { add: 2 });
  const ops = await a.expect("ops");
  expect(ops).toMatchObject({ seq: 1, entries: [{ by: welcome.you, m: 1, ops: [{ add: 2 }] }] });
  expect(await b.expect("ops")).toEqual(ops);
  await evictDurableObject(room);
  b.mutate(1, { add: 3 });
  expect(await a.expect("ops")).toMatchObject({ seq: 2, entries: [{ m: 1, ops: [{ add: 3 }] }] });
  await b.expect("ops");
  expect(await room.readText()).toMatchObject({ text: '{"count":5}' });
});
