import { MAX_PUBLISHERS, PAYLOAD_BYTES, PAYLOAD_START, readPayload, type PayloadId } from "./payload.ts";

/** How far one subscriber may be behind the first before it cannot be checked any more. */
const REMEMBERED_MESSAGES = 1 << 18;
const REMEMBERED_FRAMES = 1 << 12;

/** Where one subscriber stands: how many messages it has had. */
export interface Cursor {
  position: number;
}

interface SeenFrame {
  before: number;
  after: number;
  length: number;
  bytes: Buffer;
}

/**
 * Checks what the subscribers of one room receive. Whoever is first to get a message sets the order: its
 * publisher's numbers must rise by exactly one and its checksum must hold. All others must get the same
 * messages in the same order. So none is lost, repeated, altered or out of order.
 *
 * A frame that is byte for byte one that was fully checked, received at the same position, has the same
 * verdict; that comparison is what keeps the client cheap.
 */
export class Check {
  /** Messages that at least one subscriber had. */
  head = 0;
  /** The first fault, after which the room's figures are void. */
  fault: string | undefined;
  readonly #publishers = new Uint8Array(REMEMBERED_MESSAGES);
  readonly #seqs = new Uint32Array(REMEMBERED_MESSAGES);
  readonly #last = new Uint32Array(MAX_PUBLISHERS);
  readonly #frames: (SeenFrame | undefined)[] = Array.from<undefined>({ length: REMEMBERED_FRAMES });
  readonly #id: PayloadId = { publisher: 0, seq: 0 };

  /** Checks one frame; returns how many messages were in it, all of them good unless `fault` is set. */
  take(bytes: Buffer, start: number, end: number, cursor: Cursor): number {
    const before = cursor.position;
    const seen = this.#frames[before % REMEMBERED_FRAMES];
    if (
      seen !== undefined &&
      seen.before === before &&
      seen.length === end - start &&
      bytes.compare(seen.bytes, 0, seen.length, start, end) === 0
    ) {
      cursor.position = seen.after;
      return seen.after - before;
    }
    const count = this.#scan(bytes, start, end, cursor);
    if (count > 0 && this.fault === undefined) this.#remember(bytes, start, end, before, cursor.position);
    return count;
  }

  /** How many of the messages from `from` up to `to` are `publisher`'s. */
  countOf(publisher: number, from: number, to: number): number {
    let count = 0;
    for (let at = from; at < to; at += 1) {
      if (this.#publishers[at % REMEMBERED_MESSAGES] === publisher) count += 1;
    }
    return count;
  }

  /** The number of the newest message of `publisher` that anybody had; 0 for none. */
  lastOf(publisher: number): number {
    return this.#last[publisher] ?? 0;
  }

  #scan(bytes: Buffer, start: number, end: number, cursor: Cursor): number {
    let count = 0;
    let at = start;
    while (at < end) {
      if (bytes[at] !== PAYLOAD_START) {
        at += 1;
        continue;
      }
      if (!readPayload(bytes, at, end, this.#id)) {
        this.#fail(`a damaged message at ${cursor.position}: ${bytes.toString("latin1", at, Math.min(end, at + 120))}`);
        return count;
      }
      this.#place(cursor);
      if (this.fault !== undefined) return count;
      count += 1;
      at += PAYLOAD_BYTES;
    }
    return count;
  }

  #place(cursor: Cursor): void {
    const { publisher, seq } = this.#id;
    const slot = cursor.position % REMEMBERED_MESSAGES;
    if (cursor.position === this.head) {
      const expected = (this.#last[publisher] ?? 0) + 1;
      if (seq !== expected) return this.#fail(`publisher ${publisher}: message ${seq} where ${expected} was due`);
      this.#publishers[slot] = publisher;
      this.#seqs[slot] = seq;
      this.#last[publisher] = seq;
      this.head += 1;
    } else if (this.head - cursor.position > REMEMBERED_MESSAGES) {
      return this.#fail(`a subscriber fell ${this.head - cursor.position} messages behind`);
    } else if (this.#publishers[slot] !== publisher || this.#seqs[slot] !== seq) {
      const due = `${this.#publishers[slot]}/${this.#seqs[slot]}`;
      return this.#fail(`message ${publisher}/${seq} at ${cursor.position}, where others had ${due}`);
    }
    cursor.position += 1;
  }

  #remember(bytes: Buffer, start: number, end: number, before: number, after: number): void {
    const length = end - start;
    const old = this.#frames[before % REMEMBERED_FRAMES];
    const store = old !== undefined && old.bytes.length >= length ? old.bytes : Buffer.allocUnsafeSlow(length);
    bytes.copy(store, 0, start, end);
    this.#frames[before % REMEMBERED_FRAMES] = { before, after, length, bytes: store };
  }

  #fail(what: string): void {
    this.fault ??= what;
  }
}
