import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { edge, EventReader, json, refusal, versionOf, type ServerEvent } from "../../test/worker/edge.ts";

const { fetch } = edge({
  rooms: { counter: (bindings) => bindings.COUNTERS, short: (bindings) => bindings.SHORT_COUNTERS },
});

const put = (id: string, value: unknown): Promise<string> => fetch(`/doc/${id}`, json("PUT", value)).then(versionOf);
const merge = (id: string, value: unknown): Promise<string> =>
  fetch(`/doc/${id}`, json("PATCH", value)).then(versionOf);
const add = (path: string, n: number): Promise<string> =>
  fetch(path, json("POST", { intents: [{ add: n }] })).then(versionOf);

async function listen(path: string, lastEventId?: string): Promise<EventReader> {
  const response = await fetch(`${path}${path.includes("?") ? "" : "/events"}`, {
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
  expect(response.status).toBe(200);
  return new EventReader(response);
}

const connections = (id: string): Promise<number> =>
  runInDurableObject(env.DOCUMENTS.getByName(id), (_, state) => state.getWebSockets().length);

describe("events", () => {
  test("a snapshot, then each op, with the room's versions as ids", async () => {
    const first = await put("live", { a: 1 });
    const reader = await listen("/doc/live");
    expect(await reader.next()).toEqual({ event: "snapshot", id: first, data: { value: { a: 1 } } });
    const second = await merge("live", { b: "x\n\u2028y" });
    expect(await reader.next()).toEqual({
      event: "op",
      id: second,
      data: { type: "merge", value: { b: "x\n\u2028y" } },
    });
    const intents = [
      { type: "merge", value: { c: 1 } },
      { type: "merge", value: { d: 1 } },
    ];
    const third = await versionOf(await fetch("/doc/live", json("POST", { intents })));
    const both = await reader.take(2);
    expect(both.map((event) => event?.data)).toEqual(intents);
    expect(both[1]?.id).toBe(third);
  });

  test("of a room that nobody has written to: ids go on from its snapshot", async () => {
    const reader = await listen("/doc/unborn");
    const snapshot = await reader.next();
    expect(snapshot).toMatchObject({ event: "snapshot", data: { value: {} } });
    const version = await put("unborn", { a: 1 });
    expect(snapshot?.id).toBe(`${version.split(".")[0]}.0`);
    expect(await reader.next()).toMatchObject({ event: "op", id: version });
  });

  test("of a user's own kind", async () => {
    const reader = await listen("/room/counter/events");
    expect(await reader.next()).toMatchObject({ event: "snapshot", data: { value: { count: 0 } } });
    const version = await add("/room/counter/events", 3);
    expect(await reader.next()).toEqual({ event: "op", id: version, data: { add: 3 } });
  });

  test("headers: a stream that nobody keeps, changes or buffers; HEAD has them too", async () => {
    for (const method of ["GET", "HEAD"]) {
      const response = await fetch("/doc/heads/events", { method });
      expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("no-cache, no-store, no-transform");
      expect(response.headers.get("x-accel-buffering")).toBe("no");
      await response.body?.cancel();
    }
  });
});

describe("resume", () => {
  test("E6 goes on after Last-Event-ID, in the middle of a run too, across evictions", async () => {
    const room = env.DOCUMENTS.getByName("resume");
    const first = await put("resume", { n: 0 });
    const intents = [1, 2, 3].map((n) => ({ type: "merge", value: { n } }));
    await versionOf(await fetch("/doc/resume", json("POST", { intents })));
    const reader = await listen("/doc/resume", first);
    const [one, two] = await reader.take(2);
    expect([one, two].map((event) => event?.data)).toEqual(intents.slice(0, 2));
    await reader.cancel();
    await evictDurableObject(room);
    await merge("resume", { n: 4 });
    await evictDurableObject(room);

    const again = await listen("/doc/resume", two?.id);
    const missed = await again.take(2);
    expect(missed.map((event) => event?.data)).toEqual([intents[2], { type: "merge", value: { n: 4 } }]);
    await evictDurableObject(room);
    const last = await merge("resume", { n: 5 });
    expect(await again.next()).toEqual({ event: "op", id: last, data: { type: "merge", value: { n: 5 } } });
  });

  test("E6 ?since= does the same, and Last-Event-ID goes before it", async () => {
    const first = await put("since", { n: 0 });
    const second = await merge("since", { n: 1 });
    const third = await merge("since", { n: 2 });
    const bySince = await listen(`/doc/since/events?since=${first}`);
    expect((await bySince.take(2)).map((event) => event?.id)).toEqual([second, third]);
    const byHeader = await listen(`/doc/since/events?since=${first}`, second);
    expect((await byHeader.next())?.id).toBe(third);
    const byEmpty = await listen(`/doc/since/events?since=${first}`, "");
    expect((await byEmpty.next())?.id).toBe(second);
  });

  test.each<[string, (version: string) => string, string]>([
    ["no version at all", () => "nonsense", "unknown"],
    ["a version of a stranger", () => "x.1", "epoch"],
    ["a number ahead of the room", (version) => version.replace(/\d+$/, "99"), "ahead"],
    ["a number beyond all numbers", (version) => version.replace(/\d+$/, "9".repeat(16)), "unknown"],
    ["a very long epoch", () => `${"x".repeat(5000)}.1`, "unknown"],
  ])("E6 %s is a reset and a snapshot", async (_, id, reason) => {
    const version = await put("bad", { n: 1 });
    const reader = await listen("/doc/bad", id(version));
    expect(await reader.take(2)).toEqual([
      { event: "reset", data: { reason } },
      { event: "snapshot", id: version, data: { value: { n: 1 } } },
    ]);
  });

  test("E6 a position whose ops are no longer kept is a reset and a snapshot", async () => {
    const first = await add("/room/short/gone", 1);
    let last = first;
    for (let n = 0; n < 30; n += 1) last = await add("/room/short/gone", 1);
    const reader = await listen("/room/short/gone", first);
    expect(await reader.take(2)).toEqual([
      { event: "reset", data: { reason: "gone" } },
      { event: "snapshot", id: last, data: { value: { count: 31 } } },
    ]);
  });

  test("E6 a history that is replaced is a reset, for those who are there and those who come back", async () => {
    const before = await put("replaced", { n: 1 });
    await fetch("/doc/replaced/versions", json("POST", { name: "one" }));
    await put("replaced", { n: 2 });
    const reader = await listen("/doc/replaced");
    await reader.next();
    const restored = await versionOf(await fetch("/doc/replaced/versions/one/restore", { method: "POST" }));
    const snapshot: ServerEvent = { event: "snapshot", id: restored, data: { value: { n: 1 } } };
    expect(await reader.take(2)).toEqual([{ event: "reset", data: { reason: "restored" } }, snapshot]);
    const back = await listen("/doc/replaced", before);
    expect(await back.take(2)).toEqual([{ event: "reset", data: { reason: "epoch" } }, snapshot]);
    const after = await put("replaced", { n: 3 });
    expect([await reader.next(), await back.next()].map((event) => event?.id)).toEqual([after, after]);
    const cleared = await versionOf(await fetch("/doc/replaced", { method: "DELETE" }));
    expect(await reader.take(2)).toEqual([
      { event: "reset", data: { reason: "cleared" } },
      { event: "snapshot", id: cleared, data: { value: {} } },
    ]);
  });
});

describe("ends", () => {
  test("a reader that goes is found out by the next event, and leaves no connection behind", async () => {
    const reader = await listen("/doc/leave");
    await reader.next();
    expect(await connections("leave")).toBe(1);
    await reader.cancel();
    await put("leave", { a: 1 });
    await expect.poll(() => connections("leave")).toBe(0);
  });

  test("a request that is aborted leaves none either", async () => {
    const abort = new AbortController();
    const response = await fetch("/doc/abort/events", { signal: abort.signal });
    const reader = new EventReader(response);
    await reader.next();
    abort.abort();
    await expect.poll(() => connections("abort")).toBe(0);
  });

  test("a room that closes ends the stream, after what it had sent", async () => {
    const reader = await listen("/doc/closing");
    const version = await put("closing", { a: 1 });
    await evictDurableObject(env.DOCUMENTS.getByName("closing"), { webSockets: "close" });
    expect((await reader.take(3)).map((event) => event?.event)).toEqual(["snapshot", "op", undefined]);
    const again = await listen("/doc/closing", version);
    const next = await merge("closing", { b: 1 });
    expect((await again.next())?.id).toBe(next);
  });

  test("a room that is full says so", async () => {
    const readers = await Promise.all([1, 2, 3].map(() => listen("/room/short/full")));
    expect(await refusal(await fetch("/room/short/full/events"))).toBe("503 room_full");
    await Promise.all(readers.map((reader) => reader.cancel()));
  });
});

test("E7 a reader that does not read costs a bounded amount, and catches up with one snapshot", async () => {
  const size = 100_000;
  const response = await fetch("/doc/stalled/events");
  const live = await listen("/doc/stalled");
  await live.next();
  let last = "";
  for (let n = 0; n < 60; n += 1) {
    last = await merge("stalled", { n, big: "x".repeat(size) });
    expect((await live.next())?.id).toBe(last);
  }
  let bytes = 0;
  const counted = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        controller.enqueue(chunk);
      },
    }),
  );
  const reader = new EventReader(new Response(counted ?? null));
  const kinds: string[] = [];
  for (let id: string | undefined; id !== last;) {
    const event = await reader.next();
    id = event?.id;
    kinds.push(event?.event ?? "end");
  }
  expect([kinds[0], kinds[1], kinds.at(-1)]).toEqual(["snapshot", "op", "snapshot"]);
  // Of the six megabytes: the room's window of one, what each side holds besides, and the snapshot.
  expect(bytes).toBeLessThan(2_500_000);
  const after = await merge("stalled", { n: -1 });
  expect((await reader.next())?.id).toBe(after);
});

describe("heartbeat", () => {
  afterEach(() => vi.useRealTimers());

  test("a comment, every 25 s, which finds out that the reader of a quiet room has gone", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const response = await fetch("/doc/heart/events");
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (end: RegExp): Promise<void> => {
      while (!end.test(text)) text += (await reader.read()).value;
    };
    await until(/"value":\{\}\}\n\n$/);
    expect(text).toMatch(/^retry: [12]\d{3}\nevent: snapshot\n/);
    text = "";
    for (const beat of [":\n", ":\n:\n"]) {
      vi.advanceTimersByTime(25_000);
      while (text.length < beat.length) text += (await reader.read()).value;
      expect(text).toBe(beat);
    }
    await reader.cancel();
    vi.advanceTimersByTime(25_000);
    await expect.poll(() => vi.getTimerCount()).toBe(0);
    await expect.poll(() => connections("heart")).toBe(0);
  });
});
