import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { StreamOp } from "../../src/kinds/stream/types.ts";
import { DIALECT_HEADER, OPEN, PARAMS_HEADER } from "../../src/room/api.ts";
import type { RoomMessage } from "../../src/protocol/room/index.ts";
import type { Published, PublishOptions, StreamApi } from "../../src/room/stream/api.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

afterEach(() => reset());

type TestStream = StreamApi & DurableObjectStub;

const stream = (name: string): TestStream => env.STREAMS.getByName(name);
const shortStream = (name: string): TestStream => env.SHORT_STREAMS.getByName(name);

/** Publishes events, each with a number `n`. */
async function publish(room: TestStream, from: number, to: number, extra: object = {}): Promise<Published> {
  const lines = Array.from({ length: to - from + 1 }, (_, at) => JSON.stringify({ n: from + at, ...extra }));
  return published(room, lines);
}

async function published(room: TestStream, lines: readonly string[], options?: PublishOptions): Promise<Published> {
  const outcome = await room.publish(lines.join("\n"), OPEN, options);
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome;
}

/** What a native connection hears of ops, until the one numbered `last`: `[seq, n]`, and how many were withheld. */
async function hear(
  peer: Peer,
  last: number,
  since = 0,
): Promise<{ readonly events: number[][]; readonly skipped: number }> {
  const events: number[][] = [];
  let skipped = 0;
  let after = since;
  for (let seq = 0; seq <= last;) {
    const message: RoomMessage = await peer.next();
    if (message.t === "mark") peer.send({ t: "ack", n: message.n });
    if (message.t === "snapshot") after = message.seq;
    if (message.t !== "ops") continue;
    ({ seq } = message);
    for (const { ops, skip = 0 } of message.entries) {
      for (const op of ops as StreamOp[]) {
        // A run is sent whole, and the client may have begun in its middle.
        if (op.type === "event" && seq > after) events.push([seq, (JSON.parse(op.event.data) as { n: number }).n]);
        seq += 1;
      }
      seq += skip;
      skipped += skip;
    }
  }
  return { events, skipped };
}

const numbers = (from: number, to: number): number[][] =>
  Array.from({ length: to - from + 1 }, (_, at) => [from + at, from + at]);

test("B3 from the start, the last, a time or a position: every event from there, then the live ones", async () => {
  const room = stream("from");
  await publish(room, 1, 3);
  await publish(room, 4, 6);
  const page = JSON.parse(((await room.page({ limit: 10 })) as { text: string }).text) as {
    events: { at: number; position: string }[];
  };
  const at = page.events[3]?.at ?? 0;
  const epoch = page.events[0]?.position.split(".")[0] ?? "";
  const begins: [Record<string, unknown>, number][] = [
    [{ from: "start" }, 1],
    [{ from: { last: 2 } }, 5],
    [{ from: { last: 99 } }, 1],
    [{ from: { at } }, page.events[0]?.at === at ? 1 : 4],
    [{ from: { at: at + 60_000 } }, 7],
    [{ from: { last: 0 } }, 7],
    [{ from: "start", since: { epoch, seq: 4 } }, 5],
  ];
  const peers: Peer[] = [];
  for (const [hello] of begins) {
    const peer = await Peer.native(room);
    await peer.hello(hello);
    peers.push(peer);
  }
  await publish(room, 7, 8);
  for (const [index, peer] of peers.entries()) {
    const [hello, first] = begins[index] ?? [{}, 0];
    const { events } = await hear(peer, 8, "since" in hello ? 4 : 0);
    expect([hello, events]).toEqual([hello, numbers(first, 8)]);
  }
});

test("B5 what a filter withholds is counted, live and on resume, also after a sleep", async () => {
  const room = stream("filtered");
  await published(room, ['{"n":1,"type":"a"}', '{"n":2,"type":"b"}', '{"n":3,"type":"a"}']);
  const peer = await Peer.native(room);
  const { epoch } = await peer.hello({ from: "start", filter: "type:a" });
  expect(await hear(peer, 3)).toEqual({
    events: [
      [1, 1],
      [3, 3],
    ],
    skipped: 1,
  });
  await sleep(room);
  await published(room, ['{"n":4,"type":"b"}', '{"n":5,"type":"b"}']);
  expect(await hear(peer, 5)).toEqual({ events: [], skipped: 2 });
  await published(room, ['{"n":6,"type":"b"}', '{"n":7,"type":"a"}']);
  const back = await Peer.native(room);
  await back.hello({ since: { epoch, seq: 5 }, from: "start", filter: "type:a" });
  expect(await hear(back, 7)).toEqual({ events: [[7, 7]], skipped: 1 });
});

test("B5 the author of a withheld event is answered by its number", async () => {
  const room = stream("author");
  const peer = await Peer.native(room);
  const { you } = await peer.hello({ from: { last: 0 }, filter: "none" });
  await peer.expect("snapshot");
  peer.mutate(1, { type: "publish", events: [{ data: '{"n":1}' }, { data: '{"n":2}' }] });
  expect((await peer.expect("ops")).entries).toEqual([{ by: you, m: 1, ops: [], skip: 2 }]);
  peer.mutate(2, { type: "publish", events: [{ data: '{"n":3}' }, { data: "[]" }] });
  expect(await peer.expect("refused")).toMatchObject({ m: 2, code: "bad_message", path: "/events/1/data" });
});

test("B11 an event that is nested deeper than 64 is refused on the native way too, and changes nothing", async () => {
  const room = stream("deep");
  const peer = await Peer.native(room);
  await peer.hello({ from: { last: 0 } });
  await peer.expect("snapshot");
  const nested = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  peer.mutate(1, { type: "publish", events: [{ data: '{"n":1}' }, { data: nested(6_000) }] });
  expect(await peer.expect("refused")).toMatchObject({ m: 1, code: "too_deep", path: "/events/1/data" });
  peer.mutate(2, { type: "publish", events: [{ data: nested(63) }] });
  expect((await peer.expect("ops")).seq).toBe(1);
});

test("B1 a line break between tokens becomes a space; one inside a string is no JSON and is refused", async () => {
  const room = stream("breaks");
  const peer = await Peer.native(room);
  await peer.hello({ from: { last: 0 } });
  await peer.expect("snapshot");
  peer.mutate(1, { type: "publish", events: [{ data: '{"a":"x\ny"}' }] });
  expect(await peer.expect("refused")).toMatchObject({ m: 1, code: "bad_json", path: "/events/0/data" });
  peer.mutate(2, { type: "publish", events: [{ data: '{"a":\n"x"}\n' }] });
  expect((await peer.expect("ops")).entries).toMatchObject([{ ops: [{ event: { data: '{"a": "x"}' } }] }]);
});

test("B5 a filter that is none ends the connection, and says where it is wrong", async () => {
  const peer = await Peer.native(stream("wrong-filter"));
  peer.send({ t: "hello", v: 1, client: crypto.randomUUID(), from: "start", filter: "type=a:" });
  expect((await peer.expect("refused")).message).toContain("character 8");
  expect((await peer.closed).code).toBe(4501);
});

test("B6 one whose position is no longer kept is told where it goes on, and gets all that is there", async () => {
  const room = shortStream("short");
  const first = await Peer.native(room);
  const { epoch } = await first.hello({ from: "start" });
  for (let n = 1; n <= 30; n += 1) await publish(room, n, n);
  const peer = await Peer.native(room);
  const welcome = await peer.hello({ since: { epoch, seq: 2 }, from: "start" });
  expect(welcome).toMatchObject({ resume: "reset", reason: "gone" });
  const { seq } = await peer.expect("snapshot");
  expect(seq).toBeGreaterThan(2);
  expect((await hear(peer, 30)).events).toEqual(numbers(seq + 1, 30));
  expect(await room.page({ from: { after: `${epoch}.2` } })).toMatchObject({ ok: false, code: "gone" });
});

test("B6 one that stalls until what it is owed is dropped is told so when it answers, and gets what is there", async () => {
  const room = shortStream("stalled");
  const peer = await Peer.native(room);
  await peer.hello({ from: "start" });
  await peer.expect("snapshot");
  const long = "x".repeat(40_000);
  for (let n = 1; n <= 60; n += 1) await publish(room, n, n, { long });
  const seen: number[] = [];
  for (let mark = 0; mark < 3;) {
    const message = await peer.next();
    if (message.t === "mark") mark = message.n;
    if (message.t === "ops") seen.push(message.seq);
  }
  expect(seen.at(-1)).toBeLessThan(40);
  peer.send({ t: "ack", n: 3 });
  let message = await peer.next();
  for (; message.t === "ops"; message = await peer.next()) seen.push(message.seq);
  expect(message).toMatchObject({ t: "snapshot", reset: "behind" });
  const after = message.t === "snapshot" ? message.seq : 0;
  expect(after).toBeGreaterThan(seen.at(-1) ?? 0);
  expect((await hear(peer, 60, after)).events).toEqual(numbers(after + 1, 60));
});

test("B6 after a clear a live subscriber is told so, and goes on with the new history", async () => {
  const room = stream("cleared");
  await publish(room, 1, 5);
  const peer = await Peer.native(room);
  const { epoch } = await peer.hello({ from: "start" });
  await hear(peer, 5);
  await room.clear(OPEN);
  const snapshot = await peer.expect("snapshot");
  expect(snapshot).toMatchObject({ reset: "cleared", seq: 0 });
  expect(snapshot.epoch).not.toBe(epoch);
  await publish(room, 1, 2);
  expect((await hear(peer, 2)).events).toEqual(numbers(1, 2));
});

test("B2 an event is taken once under its id, in a batch, across batches and across a sleep", async () => {
  const room = stream("ids");
  const event = (id: string): string => JSON.stringify({ id, n: 1 });
  expect(await published(room, [event("a"), event("b"), event("a")])).toMatchObject({
    count: 2,
    first: 1,
    last: 2,
    duplicates: [{ event: 2, seq: 1 }],
  });
  await sleep(room);
  expect(await published(room, [event("c"), event("b")])).toMatchObject({
    count: 1,
    first: 3,
    duplicates: [{ event: 1, seq: 2 }],
  });
  const again = await published(room, [event("c"), event("b")]);
  expect(again).toMatchObject({
    count: 0,
    duplicates: [
      { event: 0, seq: 3 },
      { event: 1, seq: 2 },
    ],
  });
  expect(again.first).toBeUndefined();
  const peer = await Peer.native(room);
  await peer.hello({ from: "start" });
  await peer.expect("snapshot");
  peer.mutate(1, { type: "publish", events: [{ data: event("a") }] });
  await peer.expect("ops");
  expect((await hear(peer, 3)).events.length).toBeLessThanOrEqual(3);
  expect((await room.readText()).version).toMatch(/\.3$/);
});

test("B2 two requests with one id at a time come to one event", async () => {
  const room = stream("race");
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => published(room, ['{"id":"x"}'])));
  expect(outcomes.reduce((sum, { count }) => sum + count, 0)).toBe(1);
});

test("B2 a producer's batch is taken once, in whatever order they come, across a sleep", async () => {
  const room = stream("producer");
  const send = (seq: number): Promise<Published> =>
    published(room, ['{"n":1}', '{"n":2}'], { producer: { id: "p", seq } });
  expect(await send(1)).toMatchObject({ count: 2, first: 1, last: 2 });
  expect(await send(3)).toMatchObject({ count: 2, first: 3 });
  await sleep(room);
  expect(await send(1)).toMatchObject({ count: 0, repeated: true });
  expect(await send(3)).toMatchObject({ count: 0, repeated: true });
  expect(await send(2)).toMatchObject({ count: 2, first: 5, last: 6 });
  expect(await published(room, ['{"n":1}'], { producer: { id: "q", seq: 1 } })).toMatchObject({ count: 1 });
  expect((await room.readText()).version).toMatch(/\.7$/);
});

test("B2 X4 X7 once thousands of others have published, a batch is taken once or refused, and never twice", async () => {
  const room = stream("crowd");
  const batch = (id: string, seq: number) => room.publish("{}", OPEN, { producer: { id, seq } });
  await batch("mine", 1);
  await batch("mine", 2);
  await published(room, ["{}"], { idempotencyKey: "mine" });
  const others = Array.from({ length: 2_100 }, (_, n) => String(n));
  for (let n = 0; n < others.length; n += 300) {
    await Promise.all(others.slice(n, n + 300).map(async (id) => batch(id, 1)));
  }
  await published(room, [JSON.stringify({ large: "x".repeat(65_000) })]);
  await sleep(room);
  const before = await room.readText();
  expect(await batch("mine", 2)).toMatchObject({ ok: false, code: "receipt_expired" });
  expect(await batch("mine", 3)).toMatchObject({ ok: false, code: "receipt_expired" });
  expect(await batch("2099", 1)).toMatchObject({ repeated: true });
  expect(await published(room, ["{}"], { idempotencyKey: "mine" })).toMatchObject({ repeated: true });
  expect(await room.readText()).toEqual(before);
  // Nobody could tell these from new ones.
  expect(await batch("mine", 1)).toMatchObject({ count: 1 });
  expect(await batch("new", 1)).toMatchObject({ count: 1 });
  expect(await batch("new", 2)).toMatchObject({ count: 1 });
});

test("B4 a batch with a line at fault publishes nothing", async () => {
  const room = stream("whole");
  expect(await room.publish('{"n":1}\n{"n":\n[]', OPEN)).toMatchObject({
    ok: false,
    code: "bad_json",
    lines: [{ line: 2 }, { line: 3, code: "bad_message" }],
  });
  expect(await room.publish("", OPEN)).toMatchObject({ ok: false, code: "bad_message" });
  expect(await room.publish("{}", { can: ["read"] })).toMatchObject({ ok: false, code: "forbidden" });
  expect(await room.publish("{}", OPEN, { producer: { id: "p", seq: 0 } })).toMatchObject({ code: "bad_request" });
  const both: PublishOptions = { producer: { id: "p", seq: 1 }, idempotencyKey: "k" };
  expect(await room.publish("{}", OPEN, both)).toMatchObject({ code: "bad_request" });
  expect(await room.publish(`{"a":"x"}\n`.repeat(9) + longEvents(40), OPEN)).toMatchObject({ code: "too_large" });
  expect((await room.readText()).text).toBe('{"count":0,"units":0}');
  // Within the limit of a batch, and twice as long once it is in the log: more than one row holds.
  expect(await room.publish(longEvents(30), OPEN)).toMatchObject({ ok: true, first: 1, last: 30 });
});

function longEvents(count: number): string {
  const event = JSON.stringify({ q: '"'.repeat(16_000) });
  return Array.from({ length: count }, () => event).join("\n");
}

test("B1 a raw subscriber gets each event as it was published, those of the past first", async () => {
  const room = stream("raw");
  const odd = ['{ "n" : 1.0 }', '{"n":2,"n":3}', '{"s":"\\u0041 \u2028"}'];
  await published(room, odd);
  const open = (params: object): Promise<Peer> =>
    Peer.connect(room, { [DIALECT_HEADER]: "raw-events", [PARAMS_HEADER]: JSON.stringify(params) });
  const [all, some, now] = await Promise.all([open({ last: 3 }), open({ last: 2, filter: "has:n" }), open({})]);
  await sleep(room);
  await published(room, ['{"n":7}', '{"m":8}', '{"n":9}']);
  const take = async (peer: Peer, count: number): Promise<string[]> => {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await peer.line());
    return lines;
  };
  expect(await take(all, 6)).toEqual([...odd, '{"n":7}', '{"m":8}', '{"n":9}']);
  expect(await take(some, 3)).toEqual([odd[1], '{"n":7}', '{"n":9}']);
  expect(await take(now, 3)).toEqual(['{"n":7}', '{"m":8}', '{"n":9}']);
});

test("B7 replay is read a window at a time, whatever a filter leaves of it", async () => {
  const room = stream("window");
  const long = "x".repeat(10_000);
  for (let n = 1; n <= 300; n += 30) await publish(room, n, n + 29, { long });
  const peer = await Peer.native(room);
  await peer.hello({ from: "start", filter: "none" });
  await peer.expect("snapshot");
  // Answers no mark: what the room reads for it ends with the window.
  let seq = 0;
  const marks: number[] = [];
  while (marks.length < 4) {
    const message = await peer.next();
    if (message.t === "mark") marks.push(message.n);
    if (message.t === "ops") seq = message.seq;
  }
  expect(seq).toBeLessThan(200);
  peer.send({ t: "ack", n: marks.at(-1) ?? 0 });
  expect((await hear(peer, 300)).events).toEqual([]);
});

test("B8 a visitor whom an event names itself is named alike on the native way, over HTTP and after a sleep", async () => {
  const room = stream("named");
  const peer = await Peer.native(room);
  await peer.hello({ from: { last: 0 } });
  await peer.expect("snapshot");
  const mine = { data: '{"visitor":"v"}' };
  // What is refused names nobody, and what says nobody has none.
  peer.mutate(1, { type: "publish", events: [mine, { data: "[]" }] });
  await peer.expect("refused");
  peer.mutate(2, { type: "publish", events: [mine, { data: '{"visitor":7}' }] });
  await peer.expect("ops");
  await sleep(room);
  peer.mutate(3, { type: "publish", events: [mine] });
  await peer.expect("ops");
  await published(room, ['{"visitor":"v"}']);
  const { text } = (await room.page({})) as { text: string };
  const [first, nobody, ...more] = (JSON.parse(text) as { events: { visitor?: string }[] }).events.map(
    ({ visitor }) => visitor,
  );
  expect(first).toMatch(/^[\w-]{11}$/);
  expect(nobody).toBeUndefined();
  expect(more).toEqual([first, first]);
});

test("B8 a visitor's name is the same within a day and a stream, and another in another stream", async () => {
  const visitors: (string | undefined)[] = [];
  for (const name of ["site-1", "site-1", "site-2"]) {
    const room = stream(name);
    await published(room, ['{"n":1}', '{"visitor":"v"}'], { visitor: "10.0.0.1 Browser" });
    const { text } = (await room.page({ from: { last: 2 } })) as { text: string };
    visitors.push(...(JSON.parse(text) as { events: { visitor?: string }[] }).events.map(({ visitor }) => visitor));
  }
  expect(visitors[0]).toMatch(/^[\w-]{11}$/);
  expect(visitors.slice(0, 2)).toEqual(visitors.slice(2, 4));
  expect(new Set(visitors).size).toBe(4);
});
