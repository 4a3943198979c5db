import { afterEach, expect, test } from "vitest";
import { Peer } from "../engine/peer.ts";
import { sleep } from "../engine/sleep.ts";
import { edge, EventReader, refusal } from "../worker/edge.ts";
import { down } from "../worker/pipeline.ts";
import { archived, archivedStream, inside, numbered, publish, type Stream } from "./streams.ts";

const worker = edge({ streams: (bindings) => bindings.ARCHIVED_STREAMS });

afterEach(() => {
  down.archive = false;
});

const N = 120;

/** A stream of N events, whose log has only the newest ones. */
async function long(name: string): Promise<Stream> {
  const room = archivedStream(name);
  for (let from = 1; from <= N - 10; from += 10) await publish(room, numbered(from, from + 9));
  await archived(room, N - 10);
  await publish(room, numbered(N - 9, N));
  expect(await inside(room, ({ engine }) => engine.ledger.oldest)).toBeGreaterThan(N / 2);
  return room;
}

const all = numbered(1, N).map(({ n }) => n);

interface Page {
  readonly events: readonly { readonly event: { readonly n: number } }[];
  readonly next: string;
  readonly more: boolean;
}

test("K4 pages go on from the archive", async () => {
  await long("pages");
  const found: number[] = [];
  let from = "start";
  for (let more = true; more;) {
    const page: Page = await (await worker.fetch(`/stream/pages?from=${from}&limit=50`)).json();
    found.push(...page.events.map(({ event }) => event.n));
    ({ next: from, more } = page);
  }
  expect(found).toEqual(all);
});

test("K4 server-sent events go on from the archive into what is published now", async () => {
  const room = await long("sse");
  const response = await worker.fetch("/stream/sse?from=start", { headers: { accept: "text/event-stream" } });
  const reader = new EventReader(response);
  const past = await reader.take(N);
  await publish(room, [{ n: N + 1 }]);
  const [live] = await reader.take(1);
  expect([...past, live].map((event) => (event as { data: { n: number } }).data.n)).toEqual([...all, N + 1]);
  await reader.cancel();
});

test("K4 R1 a native reader that was away since before the log gets everything it missed, once", async () => {
  const room = await long("native");
  const { epoch } = await inside(room, ({ engine }) => engine.ledger.position);
  const peer = await Peer.native(room);
  await peer.hello({ since: { epoch, seq: 5 } });
  expect([...(await peer.opsUntil(N)).keys()]).toEqual(all.slice(5));
});

test("K4 while the bucket is down a page of it fails, and nothing is passed over", async () => {
  const room = await long("no past");
  await sleep(room);
  down.archive = true;
  const response = await worker.fetch("/stream/no%20past?from=start");
  expect(await refusal(response)).toBe("503 storage_failed");
  down.archive = false;
  const page: Page = await (await worker.fetch("/stream/no%20past?from=start&limit=1")).json();
  expect(page.events.map(({ event }) => event.n)).toEqual([1]);
});

test("P1 P2 K4 one whose catch-up waited for the archive gets the whole roster once it is live, joined and left meanwhile", async () => {
  const room = await long("roster");
  const { epoch } = await inside(room, ({ engine }) => engine.ledger.position);
  const { peer: leaver } = await Peer.live(room, { presence: { name: "Leaver" } });
  const peers = [await Peer.native(room), await Peer.native(room)];
  // In one turn: the archive has not answered for the first when the second joins and the third leaves.
  await inside(room, (instance, state) => {
    const sockets = state.getWebSockets();
    const hello = (more: object): string => JSON.stringify({ t: "hello", v: 1, client: crypto.randomUUID(), ...more });
    const [watcher, joiner] = sockets.filter((ws) => !isMember(ws));
    const [gone] = sockets.filter(isMember);
    if (watcher === undefined || joiner === undefined || gone === undefined) throw new Error("Three sockets expected");
    instance.webSocketMessage(watcher, hello({ since: { epoch, seq: 5 }, presence: null }));
    instance.webSocketMessage(joiner, hello({ presence: { name: "Joiner" } }));
    instance.webSocketClose(gone);
  });
  const welcomes = await Promise.all(peers.map((peer) => peer.expect("welcome")));
  const at = welcomes.findIndex(({ resume }) => resume === "tail");
  const watcher = peers[at];
  if (watcher === undefined) throw new Error("Nobody resumed");
  let message = await watcher.next();
  while (message.t !== "presence") message = await watcher.next();
  expect(message).toMatchObject({ all: true, set: { [welcomes[1 - at]?.conn ?? ""]: { data: { name: "Joiner" } } } });
  expect(Object.keys(message.set)).toHaveLength(1);
  leaver.socket.close();
});

function isMember(ws: WebSocket): boolean {
  return (ws.deserializeAttachment() as { readonly presence?: object }).presence !== undefined;
}
