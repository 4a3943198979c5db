import type { RoomMessage } from "../../src/protocol/room/index.ts";
import { NativeSocket } from "./native-socket.ts";

/** Reads a room, and fails on an op that is missing or comes twice. Keeps what `keep` makes of each op. */
export class Reader {
  readonly kept: unknown[] = [];
  readonly snapshots: Extract<RoomMessage, { t: "snapshot" }>[] = [];
  /** The latest: what was kept of an op, or the state of a snapshot. */
  latest: unknown;
  seq = 0;
  /** UTF-16 units heard. */
  units = 0;
  /** The most of them in one message. */
  largest = 0;
  readonly #keep: (op: unknown) => unknown;
  #socket: NativeSocket | undefined;
  #waiting: (() => void)[] = [];
  #failure: Error | undefined;

  private constructor(keep: (op: unknown) => unknown) {
    this.#keep = keep;
  }

  /** Resolves once it has its snapshot and is live. */
  static async open(url: string, keep: (op: unknown) => unknown): Promise<Reader> {
    const reader = new Reader(keep);
    reader.#socket = await NativeSocket.open(url, { client: crypto.randomUUID() }, (message, units) => {
      reader.units += units;
      reader.largest = Math.max(reader.largest, units);
      reader.#hear(message);
      for (const waiting of reader.#waiting.splice(0)) waiting();
    });
    await reader.until(() => reader.snapshots.length > 0);
    return reader;
  }

  get socket(): NativeSocket {
    if (this.#socket === undefined) throw new Error("Not open.");
    return this.#socket;
  }

  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #hear(message: RoomMessage): void {
    if (message.t === "snapshot") {
      this.snapshots.push(message);
      this.seq = message.seq;
      this.latest = message.state;
    } else if (message.t === "ops") {
      const ops = message.entries.flatMap((entry) => entry.ops);
      if (message.seq !== this.seq + 1) this.#failure ??= new Error(`Op ${message.seq} came after op ${this.seq}.`);
      this.seq = message.seq - 1 + ops.length;
      for (const op of ops) this.kept.push((this.latest = this.#keep(op)));
    } else if (message.t === "refused") {
      this.#failure ??= new Error(`${message.code}: ${message.message}`);
    }
  }
}

/**
 * Sends mutations `from` and on, of one intent each, a few in flight, and resolves when all are applied. For
 * the only publisher of a room: mutation n is op n, also where a snapshot takes the place of the op.
 */
export async function publish(
  reader: Reader,
  from: number,
  count: number,
  intent: (n: number) => unknown,
): Promise<void> {
  const end = from + count;
  let next = from;
  while (reader.seq < end - 1) {
    while (next < end && next - reader.seq <= IN_FLIGHT) {
      reader.socket.send({ t: "mutate", m: next, intents: [intent(next)] });
      next += 1;
    }
    const had = reader.seq;
    await reader.until(() => reader.seq > had);
  }
}

const IN_FLIGHT = 8;
