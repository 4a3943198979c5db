import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ClientMessage } from "../../src/protocol/client/index.ts";
import { Follower } from "./follower.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

const KI = 1024;
const MARK_EVERY = 256 * KI;
const WINDOW = 1024 * KI;
/** One frame: live, a run; catching up, rows joined up to 128 Ki and the one that goes beyond. */
const FRAME = 128 * KI + 101 * KI;

type Count = { readonly count: number };
type Entry = { readonly text: string };
/** Only what a client can reach: the whole type of a stub is too deep for the compiler in places. */
type FeedRoom = Pick<DurableObjectStub, "fetch">;

class Reader extends Follower<Count, Entry> {
  readonly texts: string[];

  constructor(peer: Peer, answers: boolean) {
    const texts: string[] = [];
    super(peer, {
      fold: (state) => ({ count: state.count + 1 }),
      answers,
      onOp: ({ op }) => texts.push(op.text.slice(0, 8)),
    });
    this.texts = texts;
  }

  static async join(room: FeedRoom, answers: boolean, hello: Record<string, unknown> = {}): Promise<Reader> {
    const peer = await Peer.native(room);
    await peer.hello(hello);
    const reader = new Reader(peer, answers);
    await reader.until(() => reader.epoch !== "");
    return reader;
  }
}

/** A publisher that sends the next entry when the last has come back. */
class Publisher {
  readonly reader: Reader;
  readonly room: FeedRoom;
  readonly units: number;
  published: string[] = [];

  constructor(room: FeedRoom, reader: Reader, units: number) {
    this.room = room;
    this.reader = reader;
    this.units = units;
  }

  static async join(room: FeedRoom, units = 50 * KI): Promise<Publisher> {
    return new Publisher(room, await Reader.join(room, true), units);
  }

  async publish(count: number, between: () => Promise<void> = async () => {}): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      const name = String(this.published.length + 1).padStart(8, "0");
      this.published.push(name);
      this.reader.peer.mutate(this.published.length, { text: name + "x".repeat(this.units) });
      await this.reader.until(() => this.reader.texts.length === this.published.length);
      await between();
    }
  }
}

function withinWindow(stalled: Reader): void {
  expect(stalled.largest.unanswered).toBeGreaterThanOrEqual(WINDOW);
  expect(stalled.largest.unanswered).toBeLessThanOrEqual(WINDOW + FRAME);
  expect(stalled.largest.sinceMark).toBeLessThanOrEqual(MARK_EVERY + FRAME);
}

test("F5 H1 a socket that has not said hello owes nothing, whatever was logged before the room slept", async () => {
  const room = env.FEEDS.getByName("late hello");
  const publisher = await Publisher.join(room);
  const peer = await Peer.native(room);
  // Twice the window, and more.
  await publisher.publish(50);
  await sleep(room);
  await peer.hello();
  await peer.expect("snapshot");
  await publisher.publish(1);
  expect((await peer.expect("ops")).seq).toBe(51);
});

test("F1 F2 F3 F4 one that stops answering is sent a window and waits; the others go on; then it gets all it missed", async () => {
  const room = env.FEEDS.getByName("f");
  const publisher = await Publisher.join(room);
  const stalled = await Reader.join(room, false);
  const other = await Reader.join(room, true);
  await publisher.publish(70);
  await other.until(() => other.texts.length === 70);
  await stalled.caughtUp();
  expect(stalled.texts.length).toBeLessThan(30);
  withinWindow(stalled);
  expect(other.largest.sinceMark).toBeLessThanOrEqual(MARK_EVERY + FRAME);

  stalled.answer();
  await stalled.until(() => stalled.texts.length === 70);
  await publisher.publish(1);
  await Promise.all([stalled, other].map((reader) => reader.until(() => reader.texts.length === 71)));
  for (const reader of [stalled, other]) expect(reader.texts).toEqual(publisher.published);
  expect(stalled.snapshots).toHaveLength(1);
});

test("F3 each answer brings the next window, while the others publish on", async () => {
  const room = env.FEEDS.getByName("f3");
  const publisher = await Publisher.join(room, 100 * KI);
  const stalled = await Reader.join(room, false);
  await publisher.publish(40);
  for (let round = 0; round < 3; round += 1) {
    await stalled.caughtUp();
    const had = stalled.texts.length;
    stalled.answer();
    stalled.answers = false;
    await publisher.publish(2);
    await stalled.until(() => stalled.texts.length > had);
    withinWindow(stalled);
  }
  stalled.answer();
  await stalled.until(() => stalled.texts.length === 46);
  expect(stalled.texts).toEqual(publisher.published);
});

test("F3 R3 where the ops it missed are no longer kept, it gets a snapshot that says behind", async () => {
  const room = env.SHORT_FEEDS.getByName("behind");
  const publisher = await Publisher.join(room, 100 * KI);
  const stalled = await Reader.join(room, false);
  await publisher.publish(40);
  await stalled.caughtUp();
  const had = stalled.seq;
  await sleep(room);
  stalled.answer();
  await stalled.until(() => stalled.snapshots.length === 2);
  expect(stalled.snapshots[1]).toMatchObject({ seq: 40, reset: "behind", state: { count: 40 } });
  expect(had).toBeLessThan(28);
  await publisher.publish(1);
  await stalled.until(() => stalled.seq === 41);
});

test("F3 R2 where the state costs less than the ops it missed, it gets the state", async () => {
  const room = env.DOCUMENTS.getByName("cheaper");
  type Document = { readonly text: string };
  const fold = (_: Document, op: { readonly value: Document }): Document => op.value;
  const follow = async (answers: boolean): Promise<Follower<Document, { readonly value: Document }>> => {
    const peer = await Peer.native(room);
    await peer.hello();
    const follower = new Follower(peer, { fold, answers });
    await follower.until(() => follower.epoch !== "");
    return follower;
  };
  const writer = await follow(true);
  const stalled = await follow(false);
  for (let m = 1; m <= 40; m += 1) {
    writer.peer.mutate(m, { type: "merge", value: { text: `${m} ${"x".repeat(50 * KI)}` } });
    await writer.until(() => writer.seq === m);
  }
  await stalled.caughtUp();
  expect(stalled.seq).toBeLessThan(25);
  stalled.answer();
  await stalled.until(() => stalled.seq === 40);
  expect(stalled.snapshots).toHaveLength(2);
  expect(stalled.snapshots[1]).not.toHaveProperty("reset");
  expect(stalled.state).toEqual(writer.state);
  writer.peer.mutate(41, { type: "merge", value: { text: "last" } });
  await stalled.until(() => stalled.seq === 41);
  expect(stalled.state).toEqual({ text: "last" });
});

test("F3 R5 a clear while it stalls: it gets the new history, and the reason, when it answers", async () => {
  const room = env.FEEDS.getByName("cleared");
  const publisher = await Publisher.join(room, 100 * KI);
  const stalled = await Reader.join(room, false);
  await publisher.publish(20);
  await stalled.caughtUp();
  await room.clear({ can: ["write"] });
  await stalled.caughtUp();
  expect(stalled.snapshots).toHaveLength(1);
  await sleep(room);
  stalled.answer();
  await stalled.until(() => stalled.snapshots.length === 2);
  expect(stalled.snapshots[1]).toMatchObject({ seq: 0, reset: "cleared", state: { count: 0 } });
  expect(stalled.snapshots[1]?.epoch).not.toBe(stalled.snapshots[0]?.epoch);
});

test("F1 F2 answers count too, and one that asks and asks without reading is let go", async () => {
  const room = env.FEEDS.getByName("answers");
  // Asking for more than a window of answers is more than one connection may, otherwise.
  await runInDurableObject(room, (instance) => void Object.assign(instance, { limits: { work: Infinity } }));
  const publisher = await Publisher.join(room);
  const asking = await Reader.join(room, false);
  const frame = Array.from({ length: 1_000 }, (_, m) => mutation(m + 1));
  for (let round = 0; round < 40; round += 1) asking.peer.send(...frame);
  expect(await asking.peer.closed).toMatchObject({ code: 4403 });
  expect(asking.largest.sinceMark).toBeLessThanOrEqual(MARK_EVERY + FRAME);
  expect(asking.largest.unanswered).toBeLessThanOrEqual(2 * WINDOW + 2 * FRAME);
  await publisher.publish(1);
});

/** One that is refused. */
function mutation(m: number): ClientMessage {
  return { t: "mutate", m, intents: [{ text: 1 }] };
}
