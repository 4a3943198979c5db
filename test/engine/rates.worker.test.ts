import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_RATE } from "../../src/protocol/rate.ts";
import { SUBPROTOCOL } from "../../src/protocol/version.ts";
import { ADMISSION_HEADER, OPEN, type Admission, type LimiterNamespace } from "../../src/room/api.ts";
import { edge, json, refusal } from "../worker/edge.ts";
import { Peer } from "./peer.ts";
import type { TestRoom } from "./rooms.ts";
import { sleep } from "./sleep.ts";

const START = Date.now();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(START);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const admitted = (address: string): Admission => ({ ...OPEN, address });
const at = (address: string): Record<string, string> => ({ [ADMISSION_HEADER]: JSON.stringify(admitted(address)) });

let names = 0;
function rated(): TestRoom {
  return env.RATED.getByName(`rated-${(names += 1)}`);
}

let addresses = 0;
/** An address that nobody has used yet. */
function fresh(): string {
  addresses += 1;
  return `198.51.${addresses >> 8}.${addresses & 255}`;
}

const one = { add: 1 };

/** Whether a mutation was applied: `ok`, else the code. */
async function outcome(peer: Peer, m: number): Promise<string> {
  for (;;) {
    const message = await peer.next();
    if (message.t === "refused" && message.m === m) return message.code;
    if (message.t === "done" && message.m === m) return "ok";
    if (message.t === "ops" && message.entries.some((entry) => entry.m === m)) return "ok";
  }
}

async function outcomes(peer: Peer, from: number, to: number): Promise<readonly string[]> {
  const all: string[] = [];
  for (let m = from; m <= to; m += 1) {
    peer.mutate(m, one);
    all.push(await outcome(peer, m));
  }
  return all;
}

const FIVE = ["ok", "ok", "ok", "ok", "ok"];
const OVER = "too_many_requests";

function limiterOf(network: string): DurableObjectStub<import("../worker/index.ts").RateLimiter> {
  return env.RATES.getByName(network);
}

/** Waits until the limiter has been told of so many mutations in all. */
async function told(address: string, mutations: number): Promise<void> {
  // Asking for nothing takes nothing.
  while ((await limiterOf(address).take("counter", { burst: 0, every: 1 }, 0)) < mutations * 5_000);
}

async function count(room: TestRoom): Promise<number> {
  return (JSON.parse((await room.readText()).text) as { count: number }).count;
}

const broken: readonly [string, LimiterNamespace["getByName"]][] = [
  ["throws", () => raise()],
  ["rejects", () => ({ charge: () => Promise.reject(new Error("unreachable")), take: () => Promise.reject(raise()) })],
  ["never answers", () => ({ charge: () => new Promise(() => undefined), take: () => new Promise(() => undefined) })],
];

function raise(): never {
  throw new Error("no such binding");
}

describe("over WebSockets", () => {
  test("Q1 Q2 five mutations at once, then one in five seconds; the refusal goes to the sender alone and changes nothing", async () => {
    const room = rated();
    const address = fresh();
    const { peer } = await Peer.live(room, {}, at(address));
    const { peer: other } = await Peer.live(room, {}, at(fresh()));
    expect(await outcomes(peer, 1, 5)).toEqual(FIVE);
    peer.mutate(6, one);
    expect(await peer.expect("refused")).toEqual({
      t: "refused",
      m: 6,
      code: OVER,
      message: "This network address is over its rate; wait 5 s.",
      retryAfter: 5_000,
    });
    // What the limiter is told later counts from later on.
    await told(address, 5);
    vi.setSystemTime(START + 5_000);
    expect(await outcomes(peer, 7, 8)).toEqual(["ok", OVER]);
    expect(await count(room)).toBe(6);
    expect((await other.opsUntil(6)).size).toBe(6);
    expect(other.unread).toEqual([]);
  });

  test("Q1 each intent of a mutation counts, refused ones too, and a mutation is let through whole or not at all", async () => {
    const room = rated();
    const { peer } = await Peer.live(room, {}, at(fresh()));
    peer.mutate(1, one, one, one);
    expect(await outcome(peer, 1)).toBe("ok");
    peer.mutate(2, one, one, one);
    expect(await outcome(peer, 2)).toBe(OVER);
    peer.mutate(3, { add: "much" });
    expect(await outcome(peer, 3)).toBe("bad_intent");
    peer.mutate(4, { add: 2_000_000 });
    expect(await outcome(peer, 4)).toBe("conflict");
    peer.mutate(5, { add: "much" });
    expect(await outcome(peer, 5)).toBe(OVER);
    expect(await count(room)).toBe(3);
  });

  test("Q2 a mutation that was applied is answered as applied when it is sent again, however much over the rate", async () => {
    const room = rated();
    const client = crypto.randomUUID();
    const address = fresh();
    const { peer, welcome } = await Peer.live(room, { client }, at(address));
    expect(await outcomes(peer, 1, 6)).toEqual([...FIVE, OVER]);
    const { peer: back } = await Peer.live(room, { client }, at(address));
    const again = `${welcome.epoch}.${welcome.head}`;
    for (const m of [1, 2, 3, 4, 5]) {
      back.send({ t: "mutate", m, intents: [one], again });
      expect(await outcome(back, m)).toBe("ok");
    }
    back.send({ t: "mutate", m: 6, intents: [one], again });
    expect(await outcome(back, 6)).toBe(OVER);
    expect(await count(room)).toBe(5);
  });

  test("Q3 an address is counted in all rooms together, and others are not", async () => {
    const address = fresh();
    const { peer: here } = await Peer.live(rated(), {}, at(address));
    expect(await outcomes(here, 1, 4)).toEqual(["ok", "ok", "ok", "ok"]);
    const { peer: there } = await Peer.live(rated(), {}, at(address));
    await told(address, 4);
    // The first is let through at once; its answer brings in what happened in the other room.
    expect(await outcomes(there, 1, 1)).toEqual(["ok"]);
    await told(address, 5);
    expect(await outcomes(there, 2, 2)).toEqual([OVER]);
    const { peer: neighbour } = await Peer.live(rated(), {}, at(fresh()));
    expect(await outcomes(neighbour, 1, 5)).toEqual(FIVE);
  });

  test("Q3 Q6 one message into each of many new rooms is let through as often as into one", async () => {
    const address = fresh();
    const codes: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      const { peer } = await Peer.live(rated(), {}, at(address));
      codes.push(...(await outcomes(peer, 1, 1)));
    }
    expect(codes.filter((code) => code === "ok")).toHaveLength(5);
    expect(codes.filter((code) => code === OVER)).toHaveLength(7);
  });

  test("Q3 Q6 many new rooms let through as much as one when all are connected before anybody writes", async () => {
    const address = fresh();
    const live = await Promise.all(Array.from({ length: 12 }, () => Peer.live(rated(), {}, at(address))));
    const codes = (await Promise.all(live.map(({ peer }) => outcomes(peer, 1, 1)))).flat();
    expect(codes.filter((code) => code === "ok")).toHaveLength(5);
    expect(codes.filter((code) => code === OVER)).toHaveLength(7);
  });

  test("Q6 Q8 connecting takes nothing from an address that may only read", async () => {
    const address = fresh();
    const reader = { [ADMISSION_HEADER]: JSON.stringify({ ...admitted(address), can: ["read"] }) };
    for (let n = 0; n < 12; n += 1) await Peer.live(rated(), {}, reader);
    const { peer } = await Peer.live(rated(), {}, at(address));
    expect(await outcomes(peer, 1, 5)).toEqual(FIVE);
  });

  test("Q3 two connections of one address share its budget, and 64 bits of an IPv6 address are one", async () => {
    const room = rated();
    const { peer: first } = await Peer.live(room, {}, at("2001:db8:1:2::1"));
    const { peer: other } = await Peer.live(room, {}, at("2001:db8:1:2:ffff::9"));
    const { peer: elsewhere } = await Peer.live(room, {}, at("2001:db8:1:3::1"));
    expect(await outcomes(first, 1, 3)).toEqual(["ok", "ok", "ok"]);
    expect(await outcomes(other, 11, 13)).toEqual(["ok", "ok", OVER]);
    expect(await outcomes(elsewhere, 21, 25)).toEqual(FIVE);
  });

  test("Q6 it holds across a sleep of the room, and without an address nothing is counted", async () => {
    const room = rated();
    const address = fresh();
    const { peer } = await Peer.live(room, {}, at(address));
    const { peer: nobody } = await Peer.live(room);
    expect(await outcomes(peer, 1, 5)).toEqual(FIVE);
    await told(address, 5);
    await sleep(room);
    // The room has forgotten, and the limiter has not.
    expect(await outcomes(peer, 6, 6)).toEqual(["ok"]);
    await told(address, 6);
    expect(await outcomes(peer, 7, 7)).toEqual([OVER]);
    expect(await outcomes(nobody, 1, 20)).toEqual(Array.from({ length: 20 }, () => "ok"));
  });

  test("Q7 who goes on regardless of a thousand refusals is let go", async () => {
    const room = rated();
    const { peer } = await Peer.live(room, {}, at(fresh()));
    const { peer: other } = await Peer.live(room, {}, at(fresh()));
    peer.send(...Array.from({ length: 1_005 }, (_, n) => ({ t: "mutate" as const, m: n + 1, intents: [one] })));
    expect(await peer.closed).toMatchObject({ code: 4400 });
    expect(await outcomes(other, 2_001, 2_001)).toEqual(["ok"]);
    expect(await count(room)).toBe(6);
  });
});

describe("Q4 where the limiter cannot be reached", () => {
  test.each(broken)("Q4 the room's own copy rules alone: it %s", async (_, getByName) => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const room = rated();
    await runInDurableObject(room, (instance) => {
      Object.defineProperty(instance, "limiters", { value: { getByName } });
    });
    const { peer } = await Peer.live(room, {}, at(fresh()));
    expect(await outcomes(peer, 1, 6)).toEqual([...FIVE, OVER]);
    vi.setSystemTime(START + 5_000);
    expect(await outcomes(peer, 7, 8)).toEqual(["ok", OVER]);
    expect(await count(room)).toBe(6);
    expect(await room.applyText('[{"add":1}]', admitted(fresh()))).toMatchObject({ ok: true });
  });
});

describe("the limiter", () => {
  test("Q5 keeps buckets apart by budget, in memory only", async () => {
    const limiter = limiterOf(fresh());
    const rate = { burst: 2, every: 1_000 };
    expect(await limiter.take("a", rate, 1)).toBe(0);
    expect(await limiter.take("a", rate, 1)).toBe(0);
    expect(await limiter.take("a", rate, 1)).toBe(1_000);
    expect(await limiter.take("b", rate, 2)).toBe(0);
    expect(await limiter.charge("a", rate, 1)).toBe(3_000);
    // However much was let through elsewhere, nobody is locked out for long.
    expect(await limiter.charge("a", rate, 100)).toBe(4_000);
    const stored = await runInDurableObject(limiter, async (_, { storage }) => ({
      keys: (await storage.list()).size,
      tables: storage.sql
        .exec("SELECT count(*) AS n FROM sqlite_schema WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .one(),
      alarm: await storage.getAlarm(),
    }));
    expect(stored).toEqual({ keys: 0, tables: { n: 0 }, alarm: null });
  });

  test("Q5 a room that counts stores nothing for it, and has no timer", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const room = rated();
    const { peer } = await Peer.live(room, {}, at(fresh()));
    expect(await outcomes(peer, 1, 6)).toEqual([...FIVE, OVER]);
    const { tables, alarm } = await runInDurableObject(room, async (_, { storage }) => ({
      tables: storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_schema").toArray(),
      alarm: await storage.getAlarm(),
    }));
    expect(tables.filter(({ name }) => /rate|limit|bucket/.test(name))).toEqual([]);
    expect(alarm === null || alarm > START + 60_000).toBe(true);
    // Only while it waits for the limiter.
    const over = cleared.mock.calls.map(([timer]) => timer);
    expect(timers.mock.results.filter(({ value }) => !over.includes(value as never))).toEqual([]);
  });
});

describe("over HTTP", () => {
  const rooms = { counter: () => env.RATED };
  const from = (address: string): Record<string, string> => ({ "cf-connecting-ip": address });

  test("Q3 Q6 one write into each of many new rooms at once is let through as often as into one", async () => {
    const { fetch } = edge({ rooms });
    const address = fresh();
    const posts = Array.from({ length: 12 }, (_, n) =>
      fetch(`/room/counter/spread-${n}`, json("POST", { intents: [one] }, from(address))),
    );
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  test("Q8 a write over the rate is 429 with Retry-After, and shares the budget of the socket", async () => {
    const { fetch } = edge({ rooms });
    const address = fresh();
    const id = `http-${(names += 1)}`;
    const post = () => fetch(`/room/counter/${id}`, json("POST", { intents: [one] }, from(address)));
    expect((await post()).status).toBe(200);
    const upgrade = { upgrade: "websocket", "sec-websocket-protocol": SUBPROTOCOL, ...from(address) };
    const { webSocket } = await fetch(`/room/counter/${id}/ws`, { headers: upgrade });
    if (webSocket === null) throw new Error("No socket");
    const peer = new Peer(webSocket);
    await peer.hello();
    expect(await outcomes(peer, 1, 3)).toEqual(["ok", "ok", "ok"]);
    expect((await post()).status).toBe(200);
    const over = await post();
    expect(over.headers.get("retry-after")).toBe("5");
    expect(await refusal(over)).toBe("429 too_many_requests");
    expect(await outcomes(peer, 4, 4)).toEqual([OVER]);
    // Reading is free, and so is the Worker's own code.
    expect(await (await fetch(`/room/counter/${id}`, { headers: from(address) })).json()).toEqual({ count: 5 });
    for (let n = 0; n < 9; n += 1)
      expect(await env.RATED.getByName(id).applyText('[{"add":1}]', OPEN)).toMatchObject({ ok: true });
  });

  test("Q8 writes that have no intents count as one: clear, save, restore, delete", async () => {
    const { fetch } = edge({ rooms });
    const address = fresh();
    const path = `/room/counter/http-${(names += 1)}`;
    const call = (method: string, sub: string, body: unknown = {}) =>
      fetch(path + sub, method === "DELETE" ? { method, headers: from(address) } : json(method, body, from(address)));
    expect((await call("POST", "", { intents: [one] })).status).toBe(200);
    expect((await call("POST", "/versions", { name: "a" })).ok).toBe(true);
    expect((await call("POST", "/versions/a/restore")).ok).toBe(true);
    expect((await call("DELETE", "/versions/a")).ok).toBe(true);
    expect((await call("DELETE", "")).ok).toBe(true);
    for (const over of [
      await call("POST", "/versions", { name: "b" }),
      await call("POST", "/versions/before-restore/restore"),
      await call("DELETE", "/versions/before-restore"),
      await call("DELETE", ""),
    ]) {
      expect(await refusal(over)).toBe("429 too_many_requests");
    }
  });

  test("Q8 a repeated Idempotency-Key is answered as the first time, over the rate too", async () => {
    const { fetch } = edge({ rooms });
    const headers = from(fresh());
    const path = `/room/counter/http-${(names += 1)}`;
    const post = (key: string) => fetch(path, json("POST", { intents: [one] }, { ...headers, "idempotency-key": key }));
    for (const key of ["a", "b", "c", "d", "e"]) expect((await post(key)).status).toBe(200);
    expect((await post("f")).status).toBe(429);
    expect((await post("a")).status).toBe(200);
  });
});

test("Q8 events and Durable Streams draw on the budget of streams, a batch as one", async () => {
  const { fetch } = edge({ streams: () => env.STREAMS });
  const headers = { "cf-connecting-ip": fresh() };
  const few = async (name: string): Promise<void> => {
    await runInDurableObject(env.STREAMS.getByName(name), (instance) => {
      Object.defineProperty(instance, "rates", { value: { stream: { burst: 2, every: 5_000 } } });
    });
  };
  await few("rated");
  const batch = json("POST", [{ type: "a" }, { type: "b" }, { type: "c" }], headers);
  expect((await fetch("/stream/rated", batch)).status).toBe(200);
  expect((await fetch("/stream/rated", batch)).status).toBe(200);
  const over = await fetch("/stream/rated", batch);
  expect(over.headers.get("retry-after")).toBe("5");
  expect(await refusal(over)).toBe("429 too_many_requests");

  await few("durable");
  // Another address: the limiter may have told this room by now what the first has used elsewhere.
  const text = { "cf-connecting-ip": fresh(), "content-type": "text/plain" };
  const append = () => fetch("/v1/stream/durable", { method: "POST", body: "x", headers: text });
  const free = { "cf-connecting-ip": fresh(), "content-type": "text/plain" };
  expect((await fetch("/v1/stream/durable", { method: "PUT", headers: free })).status).toBe(201);
  const statuses = [(await append()).status, (await append()).status, (await append()).status];
  expect(statuses).toEqual([204, 204, 429]);
});

describe("without a room", () => {
  const ask = (options: Parameters<typeof edge>[0], address?: string) =>
    edge({ chats: () => env.CHATS, ...options }).fetch("/api/room", {
      method: "POST",
      headers: address === undefined ? {} : { "cf-connecting-ip": address },
    });
  const spend = (address: string) => limiterOf(address).charge("private-room", { burst: 100, every: 1_000 }, 100);

  test("Q8 asking for private rooms has its own budget", async () => {
    const address = fresh();
    const rates = () => env.RATES;
    expect((await ask({ rates }, address)).status).toBe(200);
    await spend(address);
    const over = await ask({ rates }, address);
    expect(over.headers.get("retry-after")).toBe("2");
    expect(await refusal(over)).toBe("429 too_many_requests");
    expect((await ask({ rates }, fresh())).status).toBe(200);
    expect((await ask({ rates })).status).toBe(200);
    expect((await ask({}, address)).status).toBe(200);
  });

  test.each(broken)("Q4 who cannot be counted passes: the limiter %s", async (_, getByName) => {
    vi.useRealTimers();
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect((await ask({ rates: () => ({ getByName }) }, fresh())).status).toBe(200);
  });
});

test("Q9 two people who type into a document as fast as they can are never over its rate", async () => {
  const { peer } = await Peer.live(env.DOCUMENTS.getByName("typing"), {}, at(fresh()));
  // Thirty keys a second each for ten seconds, and all of it arrives at once.
  const keys = 600;
  peer.send(
    ...Array.from({ length: keys }, (_, n) => ({
      t: "mutate" as const,
      m: n + 1,
      intents: [{ type: "merge", value: { text: "a".repeat(n % 7) } }],
    })),
  );
  expect(await outcome(peer, keys)).toBe("ok");
  expect(peer.unread.filter((line) => line.includes("refused"))).toEqual([]);
  expect(DEFAULT_RATE).toEqual({ burst: 1_000, every: 5 });
});
