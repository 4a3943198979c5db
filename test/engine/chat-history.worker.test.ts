import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Message } from "../../src/kinds/chat/types.ts";
import type { MessagesPage, MessagesRange } from "../../src/room/chat/api.ts";
import type { Chats } from "../worker/rooms.ts";
import { dump } from "./ledger.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

type Room = DurableObjectStub<Chats>;

const room = (id: string): Room => env.CHATS.getByName(id);
const texts = (messages: readonly Message[]): readonly string[] => messages.map(({ text }) => text);

/** Says `from` to `to` as texts, many at a time. */
async function talk(stub: Room, from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += 100) {
    const count = Math.min(100, to - first + 1);
    await stub.transact(Array.from({ length: count }, (_, i) => ({ type: "send", text: String(first + i) })));
  }
}

async function page(stub: Room, range: MessagesRange = {}): Promise<MessagesPage> {
  const answer = await stub.messages(range);
  if ("ok" in answer) throw new Error(answer.message);
  return answer;
}

/** All messages, page by page, newest first. */
async function all(stub: Room, range: MessagesRange): Promise<readonly Message[]> {
  const found: Message[] = [];
  for (let next: number | undefined = Infinity; next !== undefined;) {
    const answer: MessagesPage = await page(stub, { ...range, ...(next === Infinity ? {} : { before: next }) });
    found.push(...answer.messages);
    next = answer.next;
  }
  return found;
}

const down = (from: number, to: number): readonly string[] =>
  Array.from({ length: from - to + 1 }, (_, i) => String(from - i));

describe("history", () => {
  test("T15 pages go back to the first message, newest first, each message once, whatever lies between", async () => {
    const stub = room("pages");
    await talk(stub, 1, 130);
    await stub.transact([
      { type: "rules", slow: 1_000 },
      { type: "edit", n: 7, text: "seven" },
      { type: "delete", n: 9 },
    ]);
    await talk(stub, 131, 250);
    await sleep(stub);
    const first = await page(stub);
    expect(texts(first.messages)).toEqual(down(250, 151));
    const expected = [...down(250, 10), "", "8", "seven", ...down(6, 1)];
    for (const limit of [500, 100, 7]) expect(texts(await all(stub, { limit }))).toEqual(expected);
    expect(first.version).toBe((await stub.readText()).version);
  });

  test("T15 by number forwards, and by time", async () => {
    const stub = room("bounds");
    await talk(stub, 1, 60);
    const after = await page(stub, { after: 10, limit: 5 });
    expect(texts(after.messages)).toEqual(down(15, 11));
    expect(texts((await page(stub, { after: after.next ?? 0, limit: 3 })).messages)).toEqual(down(18, 16));
    expect(await page(stub, { after: 60 })).toMatchObject({ messages: [] });
    expect((await page(stub, { after: 55 })).next).toBeUndefined();
    // All sixty came in one mutation: their times run ahead of the row's.
    const { messages } = await page(stub);
    for (const { n, at } of [messages[59], messages[41], messages[0]].flatMap((each) => each ?? [])) {
      expect(texts((await page(stub, { since: at, limit: 2 })).messages)).toEqual(down(Math.min(60, n + 1), n));
    }
    expect((await page(stub, { since: (messages[0]?.at ?? 0) + 1 })).messages).toEqual([]);
    expect(texts((await page(stub, { since: 0, limit: 1 })).messages)).toEqual(["1"]);
  });

  test("T15 what is asked wrongly is refused, and a room that nobody wrote to stores nothing", async () => {
    const stub = room("nobody");
    expect(await stub.messages()).toEqual({ version: "0.0", messages: [] });
    for (const range of [{ limit: 0 }, { limit: 501 }, { before: 1.5 }, { before: 1, after: 1 }, { since: NaN }]) {
      expect(await stub.messages(range)).toMatchObject({ ok: false, code: "bad_request" });
    }
    expect(await runInDurableObject(stub, (_, { storage }) => Object.keys(dump(storage)))).toEqual([]);
  });

  test("T8 a newcomer gets the last hundred, as they read now", async () => {
    const stub = room("late");
    await talk(stub, 1, 150);
    await stub.transact([
      { type: "edit", n: 100, text: "hundred" },
      { type: "delete", n: 101 },
    ]);
    await sleep(stub);
    const { snapshot } = await Peer.live(stub);
    const { recent, count } = snapshot.state as { recent: readonly Message[]; count: number };
    expect(texts(recent.toReversed())).toEqual([...down(150, 102), "", "hundred", ...down(99, 51)]);
    expect(count).toBe(150);
  });

  test("T15 retention by count drops the oldest, and pages end where it begins", async () => {
    const stub = env.SHORT_CHATS.getByName("short") as unknown as Room;
    for (let n = 1; n <= 60; n += 1) await stub.send(String(n));
    const kept = texts(await all(stub, { limit: 500 }));
    expect(kept).toEqual(down(60, 60 - kept.length + 1));
    expect(kept.length).toBeGreaterThanOrEqual(20);
    expect(kept.length).toBeLessThan(30);
    // The state still has them, and the log's end is no harm to it.
    expect(await stub.messages({ before: 5 })).toMatchObject({ messages: [] });
    expect(await stub.applyText('[{"type":"send","text":"12345678901"}]', { can: ["write"] })).toMatchObject({
      code: "too_large",
      message: "Message too long.",
    });
    await stub.transact([
      { type: "delete", n: 1 },
      { type: "delete", n: 60 },
    ]);
    expect((await page(stub, { limit: 1 })).messages).toMatchObject([{ n: 60, text: "", deleted: {} }]);
  });
});

describe("erasure", () => {
  test("T5 nothing of a deleted message is left in storage: log, edits, quotes, checkpoint", async () => {
    const stub = room("erase");
    await talk(stub, 1, 20);
    await stub.send("first secret-one");
    await stub.transact([{ type: "edit", n: 21, text: "then secret-two" }]);
    await stub.send("what?", { reply: 21 });
    await stub.transact([{ type: "edit", n: 21, text: "at last secret-three" }]);
    await stub.send("what??", { reply: 21 });
    // Enough for a checkpoint that has it.
    await talk(stub, 1, 60);
    for (let n = 0; n < 40; n += 1) await stub.transact([{ type: "send", text: "x".repeat(250) }]);
    const stored = (): Promise<string> => runInDurableObject(stub, (_, { storage }) => JSON.stringify(dump(storage)));
    expect(await stored()).toContain("secret-three");
    await stub.transact([{ type: "delete", n: 21 }]);
    expect(await stored()).not.toMatch(/secret/);
    await sleep(stub);
    expect((await stub.readText()).text).not.toMatch(/secret/);
    const [found] = (await page(stub, { before: 22, limit: 1 })).messages;
    expect(found).toMatchObject({ n: 21, text: "", deleted: { by: "g:" } });
    expect((await page(stub, { after: 22, limit: 3 })).messages).toMatchObject([
      {},
      {},
      { reply: { n: 21, text: "" } },
    ]);
  });

  test("T5 one that is sent and deleted before it is stored was never there", async () => {
    const stub = room("at once");
    const peer = await Peer.connect(stub, { "x-roomcast-dialect": "json-chat" });
    peer.socket.send('{"name":"Ada"}');
    await peer.line();
    await peer.line();
    await stub.transact([
      { type: "send", text: "secret" },
      { type: "delete", n: 1 },
      { type: "send", text: "fine" },
    ]);
    expect(JSON.parse(await peer.line())).toMatchObject({ message: "fine" });
    expect(await runInDurableObject(stub, (_, { storage }) => JSON.stringify(dump(storage)))).not.toContain("secret");
  });
});

test("T16 a client that was away while much was said gets every message, in order, once", async () => {
  const stub = room("away");
  const client = crypto.randomUUID();
  await talk(stub, 1, 50);
  const { peer, welcome } = await Peer.live(stub, { client });
  peer.socket.close(1000);
  await talk(stub, 51, 400);
  await stub.transact([{ type: "edit", n: 60, text: "sixty" }]);
  await talk(stub, 401, 900);
  await sleep(stub);
  const back = await Peer.native(stub);
  const { resume, head } = await back.hello({ client, since: { epoch: welcome.epoch, seq: welcome.head } });
  expect([resume, head]).toEqual(["tail", 901]);
  await stub.send("live again");
  const ops = await back.opsUntil(902);
  expect([...ops.keys()]).toEqual(Array.from({ length: 852 }, (_, i) => 51 + i));
  const said = [...ops.values()].flatMap((op) => (op as { message?: Message }).message ?? []);
  const expected = down(900, 51)
    .toReversed()
    .map((text) => (text === "60" ? "sixty" : text));
  expect(texts(said)).toEqual([...expected, "live again"]);
  expect(said.every(({ at }, i) => at > (said[i - 1]?.at ?? 0))).toBe(true);
});
