import { evictDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { CODES } from "../../src/protocol/codes.ts";
import type { RoomMessage } from "../../src/protocol/room/index.ts";
import { OPEN } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, type TestRoom } from "./rooms.ts";

afterEach(() => {
  vi.useRealTimers();
});

const put = (value: string, key = "a") => ({ do: "put", key, value });
/** Sent again, by a client that was first welcomed when the room stood at `under`. */
const againUnder = (under: string, m: number, ...intents: unknown[]) => ({
  t: "mutate" as const,
  m,
  again: under,
  intents,
});
const again = (m: number, ...intents: unknown[]) => againUnder("0.0", m, ...intents);

/** The author's numbers of every op in the log, in order. */
async function numbers(room: TestRoom): Promise<(number | undefined)[]> {
  const page = await room.history({ limit: 1_000 });
  if ("ok" in page) throw new Error(page.message);
  return page.runs.flatMap(({ entries }) => entries.map(({ m }) => m));
}

/** Comes back as the same client, with everything up to `since`. */
async function back(room: TestRoom, client: string, since?: { epoch: string; seq: number }) {
  const peer = await Peer.native(room);
  const welcome = await peer.hello({ client, ...(since === undefined ? {} : { since }) });
  if (since === undefined) await peer.expect("snapshot");
  return { peer, welcome };
}

test("X1 sent twice in one frame, and again while the first is being written, it is applied once", async () => {
  const room = labs("receipts-staged");
  const { peer } = await Peer.live(room);
  const mutation = (m: number) => ({ t: "mutate" as const, m, intents: [put(String(m))] });
  peer.send(mutation(1), mutation(1), mutation(2), mutation(1), mutation(2));
  peer.send(mutation(2), mutation(3));
  const settled: number[] = [];
  while (settled.length < 7) {
    const message = await peer.next();
    if (message.t === "ops") settled.push(...message.entries.map(({ m }) => m ?? 0));
    else if (message.t === "done") settled.push(message.m);
    else throw new Error(JSON.stringify(message));
  }
  expect(settled.toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2, 2, 2, 3]);
  expect(await numbers(room)).toEqual([1, 2, 3]);
});

test("X1 `done` comes after the ops that it speaks of", async () => {
  const room = labs("receipts-done-after");
  const { peer } = await Peer.live(room);
  const first = { t: "mutate" as const, m: 1, intents: [put("1")] };
  peer.send(first, first);
  expect([(await peer.next()).t, (await peer.next()).t]).toEqual(["ops", "done"]);
});

test("X2 a mutation sent again after a crash is applied once, whether or not the crash came first", async () => {
  for (const moment of ["before it is durable", "after"]) {
    const name = `receipts-crash-${moment}`;
    const client = "a-client-that-crashes";
    const { peer } = await Peer.live(labs(name), { client });
    const crash = inside(labs(name), async (instance, state) => {
      const [ws] = state.getWebSockets();
      if (ws === undefined) throw new Error("A socket expected");
      instance.webSocketMessage(ws, JSON.stringify({ t: "mutate", m: 1, intents: [put("once")] }));
      if (moment === "after") await state.storage.sync();
      state.abort("on purpose");
    });
    await expect(crash).rejects.toThrow("on purpose");
    await peer.closed;
    const room = labs(name);
    const { peer: later, welcome } = await back(room, client);
    expect(welcome.last).toBe(moment === "after" ? 1 : 0);
    later.send(again(1, put("once")));
    expect(await later.next()).toMatchObject(moment === "after" ? { t: "done", m: 1 } : { t: "ops", seq: 1 });
    expect(await numbers(room)).toEqual([1]);
  }
});

test("X3 the resume of PROTOCOL.md: 5 was refused, 6 applied, 7 lost", async () => {
  const room = labs("receipts-resume");
  const client = "the-client-of-ada-001";
  const { peer, welcome } = await Peer.live(room, { client });
  for (let m = 1; m <= 4; m += 1) peer.mutate(m, put(String(m)));
  await peer.opsUntil(4);
  peer.mutate(5, { do: "expect", key: "a", value: "Sunday" });
  peer.mutate(6, put("Monday"));
  await peer.expect("refused");
  await peer.expect("ops");
  await evictDurableObject(room);
  const { peer: later, welcome: greeting } = await back(room, client, { epoch: welcome.epoch, seq: 4 });
  expect(greeting).toMatchObject({ you: welcome.you, last: 6, gaps: [[5, 5]], head: 5, resume: "tail" });
  expect(await later.expect("ops")).toMatchObject({ seq: 5, entries: [{ by: welcome.you, m: 6 }] });
  later.send(again(5, { do: "expect", key: "a", value: "Sunday" }), again(6, put("Monday")), again(7, put("Tuesday")));
  expect(await later.next()).toMatchObject({ t: "refused", m: 5, code: "conflict" });
  // 6 is answered at once; 7 needs its row first.
  expect(await later.next()).toEqual({ t: "done", m: 6 });
  expect(await later.expect("ops")).toMatchObject({ seq: 6, entries: [{ m: 7 }] });
  // Decided afresh: what was refused twice may fit now.
  later.send(again(5, { do: "expect", key: "a", value: "Tuesday" }, put("Wednesday")));
  expect(await later.expect("ops")).toMatchObject({ seq: 7, entries: [{ m: 5 }] });
  const { welcome: third } = await back(room, client);
  expect(third).toMatchObject({ last: 7, gaps: [] });
});

test("X3 a first mutation that was refused is in a gap, and is decided afresh", async () => {
  const room = labs("receipts-first-refused");
  const client = "a-client-refused-first";
  const { peer } = await Peer.live(room, { client });
  peer.mutate(1, { do: "expect", key: "a", value: "1" });
  peer.mutate(2, put("1"));
  await peer.expect("refused");
  await peer.expect("ops");
  await evictDurableObject(room);
  const { peer: later, welcome } = await back(room, client);
  expect(welcome).toMatchObject({ last: 2, gaps: [[1, 1]] });
  later.send(again(1, { do: "expect", key: "a", value: "1" }, put("2")));
  expect(await later.expect("ops")).toMatchObject({ entries: [{ m: 1 }] });
});

test("X4 where the receipt is forgotten, what may have been applied is refused, and what is new is not", async () => {
  const room = labs("receipts-forgotten");
  const client = "a-client-long-away-01";
  vi.useFakeTimers({ toFake: ["Date"] });
  const day = 24 * 60 * 60 * 1000;
  const start = Date.now();
  const { peer, welcome } = await Peer.live(room, { client });
  peer.mutate(1, put("before the journey"));
  await peer.expect("ops");
  peer.socket.close(1000, "gone");
  await peer.closed;
  vi.setSystemTime(start + 2 * day);
  // A checkpoint is when receipts are looked through.
  await room.applyText(JSON.stringify([put("x".repeat(70_000), "large")]), OPEN);
  for (const wake of [false, true]) {
    if (wake) await evictDurableObject(room);
    const { peer: later, welcome: greeting } = await back(room, client, { epoch: welcome.epoch, seq: 1 });
    expect(greeting).toMatchObject({ last: 0, gaps: [] });
    // What it missed is as large as the state, so it comes as either.
    await later.next();
    // Under whatever it came back: what counts is where the room stood when it was first sent.
    later.send(againUnder(`${welcome.epoch}.${welcome.head}`, 1, put("before the journey")));
    expect(await later.next()).toMatchObject({ t: "refused", m: 1, code: "receipt_expired" });
    later.socket.close(1000, "gone");
    await later.closed;
  }
  const { peer: last } = await back(room, client);
  last.mutate(2, put("after the journey"));
  expect(await last.expect("ops")).toMatchObject({ entries: [{ m: 2 }] });
  // 1 is below the first that is known of this client now.
  last.send(again(1, put("before the journey")));
  expect(await last.next()).toMatchObject({ t: "refused", m: 1, code: "receipt_expired" });
  expect(await numbers(room)).toEqual([1, undefined, 2]);
});

test("X4 a client that is connected is not forgotten, however long it is silent", async () => {
  const room = labs("receipts-silent");
  const client = "a-client-that-is-quiet";
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  const { peer } = await Peer.live(room, { client });
  peer.mutate(1, put("once"));
  await peer.expect("ops");
  vi.setSystemTime(start + 3 * 24 * 60 * 60 * 1000);
  await evictDurableObject(room);
  await room.applyText(JSON.stringify([put("x".repeat(70_000), "large")]), OPEN);
  await peer.expect("ops");
  peer.mutate(1, put("twice"));
  expect(await peer.next()).toEqual({ t: "done", m: 1 });
});

test("X5 nothing that anybody can read of a room has another's secret id", async () => {
  const room = labs("receipts-secret");
  const secret = "the-secret-id-of-ada-1";
  const key = "the-secret-key-of-a-write";
  const { peer: other } = await Peer.live(room, { presence: { name: "Bob" } });
  const { peer: ada, welcome } = await Peer.live(room, { client: secret, presence: { name: "Ada" } });
  ada.mutate(1, { do: "whoami" });
  await room.applyText(JSON.stringify([{ do: "whoami" }]), OPEN, { idempotencyKey: key });
  const heard: string[] = [];
  for (let ops = 0; ops < 2;) {
    const line = await other.line();
    heard.push(line);
    const message = JSON.parse(line) as RoomMessage;
    if (message.t === "ops") ops += message.entries.reduce((sum, entry) => sum + entry.ops.length, 0);
  }
  await evictDurableObject(room);
  const { peer: ada2 } = await back(room, secret);
  const late = await Peer.live(room, { presence: null });
  await room.saveVersion("v", OPEN);
  const read = [
    ...heard,
    ...other.unread,
    ...late.peer.unread,
    late.welcome,
    late.snapshot,
    await room.history({}),
    await room.roster(),
    await room.readText(),
    await room.readVersion("v"),
    await room.listVersions(),
  ];
  const text = JSON.stringify(read);
  expect(text).toContain(welcome.you);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(key);
  ada2.socket.close(1000, "done");
});

test.each([false, true])(
  "X6 the same client on a second socket ends the first with superseded (eviction between: %s)",
  async (wake) => {
    const room = labs(`receipts-superseded-${wake}`);
    const client = "a-client-in-two-tabs";
    const { peer: first, welcome } = await Peer.live(room, { client, presence: { name: "Ada" } });
    if (wake) await evictDurableObject(room);
    // It has not written anything: only the connection knows its name.
    const { peer: second, welcome: later } = await Peer.live(room, { client, presence: { name: "Ada" } });
    expect(later.you).toBe(welcome.you);
    expect(Object.keys(later.presence ?? {})).toEqual([later.conn]);
    while ((await first.next()).t !== "refused");
    const { code, reason } = await first.closed;
    expect([code, reason.split(":")[0]]).toEqual([CODES.superseded.close, "superseded"]);
    second.mutate(1, put("still here"));
    while ((await second.next()).t !== "ops");
    // The older one's last words are not heard any more.
    expect(await numbers(room)).toEqual([1]);
  },
);

test("X6 X1 what the older connection sent is not lost and not done twice", async () => {
  const room = labs("receipts-superseded-staged");
  const client = "a-client-in-two-tabs";
  const { peer: first } = await Peer.live(room, { client });
  const second = await Peer.native(room);
  for (let m = 1; m <= 5; m += 1) first.mutate(m, put(String(m)));
  await first.opsUntil(5);
  for (let m = 6; m <= 9; m += 1) first.mutate(m, put(String(m)));
  const welcome = await second.hello({ client });
  const { seq } = await second.expect("snapshot");
  expect(welcome.last).toBe(seq);
  for (let m = 1; m <= 9; m += 1) second.send(again(m, put(String(m))));
  let settled = 0;
  while (settled < 9) {
    const message = await second.next();
    if (message.t === "done") settled += 1;
    else if (message.t === "ops") settled += message.entries.length;
    else throw new Error(JSON.stringify(message));
  }
  expect(await numbers(room)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
