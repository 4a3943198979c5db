/** A mark is put into the stream after this many units, and answered by the client once it is past it. */
const MARK_EVERY = 256 * 1024;
/** Units (UTF-16, as the frames are counted) that may be unanswered before the room stops sending. */
const WINDOW = 1024 * 1024;

/** What a Flow must remember across hibernation: `[sent, acked, nextMark, [[mark, sent], …]]`. */
export type StoredFlow = readonly [number, number, number, readonly (readonly [number, number])[]];

/**
 * Flow control of one connection. The platform tells a room nothing of what a socket has buffered, so
 * the client does, by answering marks. Counts only; sending is the caller's.
 */
export class Flow {
  #sent = 0;
  #acked = 0;
  #markedAt = 0;
  #nextMark = 1;
  #marks: (readonly [number, number])[] = [];

  /** Counts a frame. Answers the number of the mark to send after it, when one is due. */
  sent(units: number): number | undefined {
    this.#sent += units;
    if (this.#sent - this.#markedAt < MARK_EVERY) return undefined;
    const mark = this.#nextMark;
    this.#nextMark += 1;
    this.#markedAt = this.#sent;
    this.#marks.push([mark, this.#sent]);
    return mark;
  }

  /** The client is past mark `n`. False for an unknown or repeated mark, which means nothing. */
  acked(n: number): boolean {
    let isKnown = false;
    while (this.#marks[0] !== undefined && this.#marks[0][0] <= n) {
      this.#acked = this.#marks[0][1];
      this.#marks.shift();
      isKnown = true;
    }
    return isKnown;
  }

  /** Counts what was sent and is not in the stored form: less than lies between two marks, since each mark is stored. */
  also(units: number): void {
    this.#sent += Math.min(units, MARK_EVERY);
  }

  /** Whether more may be sent. */
  get open(): boolean {
    return this.#sent - this.#acked < WINDOW;
  }

  /** Whether the client has asked for a second window full of answers without reading the first. */
  get overrun(): boolean {
    return this.#sent - this.#acked >= 2 * WINDOW;
  }

  store(): StoredFlow {
    return [this.#sent, this.#acked, this.#nextMark, this.#marks];
  }

  static restore([sent, acked, nextMark, marks]: StoredFlow): Flow {
    const flow = new Flow();
    flow.#sent = sent;
    flow.#acked = acked;
    flow.#nextMark = nextMark;
    flow.#marks = marks.map(([mark, at]) => [mark, at]);
    flow.#markedAt = marks.at(-1)?.[1] ?? acked;
    return flow;
  }
}
