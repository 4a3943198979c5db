import { afterEach, describe, expect, test } from "vitest";
import type { ReaderState } from "../protocol/reader-state.ts";
import { type SendQueue, SendQueues } from "./send-queues.ts";

const MIB = 1024 * 1024;

/** Rooms share the count of a process, so each test ends with what it began with: nothing. */
const opened: SendQueue[] = [];
afterEach(() => {
  for (const queue of opened.splice(0)) queue.drop();
});

let rooms = 0;

/** A room whose readers are in the states that the test sets. */
class TestRoom {
  readonly states = new Map<string, ReaderState>();
  readonly closed: string[] = [];
  readonly pauses: Promise<void>[] = [];
  questions = 0;
  aborted = 0;
  now = 0;
  readonly #name = `room-${(rooms += 1)}`;
  readonly #queues = new Map<string, SendQueue>();
  readonly all: SendQueues;

  constructor() {
    this.all = this.wake();
  }

  /** The room's part anew, as after a sleep. */
  wake(): SendQueues {
    return new SendQueues({
      room: this.#name,
      clock: { now: () => this.now, after: () => () => undefined },
      monitor: async () => {
        this.questions += 1;
        return this.states;
      },
      pause: (work) => void this.pauses.push(work()),
      close: (connection) => {
        this.closed.push(connection);
        this.#queues.get(connection)?.close();
      },
      abort: () => (this.aborted += 1),
    });
  }

  reader(id: string, state: ReaderState): SendQueue {
    const peer = `${this.#name}:${id}`;
    this.states.set(peer, state);
    const queue = this.all.of(id, peer);
    this.#queues.set(id, queue);
    opened.push(queue);
    return queue;
  }

  async settled(): Promise<void> {
    await Promise.all(this.pauses);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

describe("F6 the queues of readers without flow control", () => {
  test("nobody is asked about while they are small", () => {
    const room = new TestRoom();
    room.reader("a", "stalled").add(7 * MIB);
    room.all.turn();
    expect(room.questions).toBe(0);
  });

  test("one that does not read is closed, and one that reads is not", async () => {
    const room = new TestRoom();
    const healthy = room.reader("healthy", "drained");
    healthy.add(6 * MIB);
    room.reader("deaf", "stalled").add(6 * MIB);
    room.all.turn();
    await room.settled();
    expect(room.pauses).toEqual([]);
    expect(room.closed).toEqual(["deaf"]);
    expect(healthy.bytes).toBe(0);
  });

  test("one that does not read is spared while next to nothing waits for it", async () => {
    const room = new TestRoom();
    room.reader("big", "drained").add(9 * MIB);
    room.reader("small", "stalled").add(1_000);
    room.all.turn();
    await room.settled();
    expect(room.closed).toEqual([]);
  });

  test("where they are large, the room pauses until it knows who reads", async () => {
    const room = new TestRoom();
    room.reader("deaf", "stalled").add(33 * MIB);
    room.all.turn();
    room.all.turn();
    expect(room.pauses).toHaveLength(1);
    await room.settled();
    expect(room.closed).toEqual(["deaf"]);
  });

  test("a pause is not put off by a question that is under way", async () => {
    const room = new TestRoom();
    const queue = room.reader("healthy", "drained");
    queue.add(9 * MIB);
    room.all.turn();
    queue.add(30 * MIB);
    room.all.turn();
    expect(room.pauses).toHaveLength(1);
    await room.settled();
  });

  test("slow readers are closed, those with the most first, until what is left fits", async () => {
    const room = new TestRoom();
    room.reader("small", "slow").add(10 * MIB);
    room.reader("large", "slow").add(30 * MIB);
    room.reader("medium", "slow").add(15 * MIB);
    room.all.turn();
    await room.settled();
    expect(room.closed).toEqual(["large"]);
  });

  test("what was sent after the question is not taken for read", async () => {
    const room = new TestRoom();
    const queue = room.reader("healthy", "drained");
    queue.add(9 * MIB);
    room.all.turn();
    queue.add(MIB);
    await room.settled();
    expect(queue.bytes).toBeGreaterThan(MIB - 1);
    expect(queue.bytes).toBeLessThan(2 * MIB);
  });

  test("another room's reader is closed by that room, at its next turn", async () => {
    const quiet = new TestRoom();
    const busy = new TestRoom();
    quiet.reader("deaf", "stalled").add(6 * MIB);
    busy.reader("healthy", "drained").add(6 * MIB);
    for (const [peer, state] of quiet.states) busy.states.set(peer, state);
    busy.all.turn();
    await busy.settled();
    expect(quiet.closed).toEqual([]);
    quiet.reader("other", "drained").add(9 * MIB);
    quiet.all.turn();
    expect(quiet.closed).toEqual(["deaf"]);
    await quiet.settled();
  });

  test("a queue is the same one after the room slept", () => {
    const room = new TestRoom();
    const queue = room.reader("a", "slow");
    queue.add(MIB);
    expect(room.wake().of("a", queue.peer)).toBe(queue);
  });

  test("of closed sockets that stay in memory, too many bytes end the object that holds them", async () => {
    const room = new TestRoom();
    for (let round = 0; round < 4 && room.aborted === 0; round += 1) {
      room.reader(`deaf-${round}`, "stalled").add(33 * MIB);
      room.all.turn();
      // oxlint-disable-next-line no-await-in-loop -- each question follows the one before
      await room.settled();
    }
    expect(room.closed).toEqual(["deaf-0", "deaf-1", "deaf-2"]);
    expect(room.aborted).toBe(1);
    expect(opened.every(({ bytes }) => bytes === 0)).toBe(true);
  });

  test("a closed socket whose TCP connection has ended counts no more", async () => {
    const room = new TestRoom();
    const queue = room.reader("deaf", "stalled");
    queue.add(20 * MIB);
    queue.close();
    room.states.set(queue.peer, "gone");
    room.reader("other", "drained").add(9 * MIB);
    room.all.turn();
    await room.settled();
    expect(queue.bytes).toBe(0);
  });

  test("readers that leave after they have read everything do not end the object", async () => {
    const room = new TestRoom();
    for (let n = 0; n < 14; n += 1) {
      const queue = room.reader(`left-${n}`, "gone");
      queue.add(7 * MIB);
      queue.close();
    }
    room.all.turn();
    await room.settled();
    expect(room.questions).toBe(1);
    expect(room.aborted).toBe(0);
    expect(opened.every(({ bytes }) => bytes === 0)).toBe(true);
  });

  test("a question that fails closes nobody", async () => {
    const room = new TestRoom();
    room.reader("a", "stalled").add(33 * MIB);
    room.states.clear();
    room.all.turn();
    await room.settled();
    expect(room.closed).toEqual([]);
  });
});
