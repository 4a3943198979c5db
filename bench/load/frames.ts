/** WebSocket frames (RFC 6455), by hand: as little client as possible between the socket and the check. */

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/**
 * A client's frame. The masking key is zero, which RFC 6455 permits and which makes the masked bytes
 * the plain ones: the load generator need not spend its time on masking.
 */
export function clientFrame(text: string, opcode: number = OPCODE.text): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const frame = Buffer.alloc(header + 4 + length);
  frame[0] = 0x80 | opcode;
  if (header === 2) {
    frame[1] = 0x80 | length;
  } else if (header === 4) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header + 4, "utf8");
  return frame;
}

/** Called with each whole frame. The bytes are only good during the call. */
export type FrameSink = (bytes: Buffer, start: number, end: number, opcode: number) => void;

/** Length of the header at `at`, or 0 while it is not all there. */
function headerLength(bytes: Buffer, at: number, end: number): number {
  if (at + 2 > end) return 0;
  const code = (bytes[at + 1] ?? 0) & 0x7f;
  const header = code < 126 ? 2 : code === 126 ? 4 : 10;
  return at + header > end ? 0 : header;
}

function payloadLength(bytes: Buffer, at: number, header: number): number {
  if (header === 2) return (bytes[at + 1] ?? 0) & 0x7f;
  if (header === 4) return bytes.readUInt16BE(at + 2);
  return Number(bytes.readBigUInt64BE(at + 2));
}

/** Cuts one socket's bytes into frames, holding on to an unfinished one between reads. */
export class FrameReader {
  readonly #sink: FrameSink;
  #held = Buffer.alloc(0);
  #heldLength = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes the bytes from `at` to `end`. Throws on a masked or fragmented frame, which no contestant sends. */
  feed(bytes: Buffer, at: number, end: number): void {
    let next = this.#heldLength === 0 ? at : this.#finish(bytes, at, end);
    while (next < end) {
      const header = headerLength(bytes, next, end);
      const length = header === 0 ? 0 : payloadLength(bytes, next, header);
      if (header === 0 || next + header + length > end) {
        this.#hold(bytes, next, end, header + length);
        return;
      }
      this.#emit(bytes, next, header, length);
      next += header + length;
    }
  }

  /** Tops the unfinished frame up; returns where the next one starts. */
  #finish(bytes: Buffer, at: number, end: number): number {
    let next = at;
    let header = headerLength(this.#held, 0, this.#heldLength);
    while (header === 0 && next < end) {
      this.#hold(bytes, next, next + 1, 16);
      next += 1;
      header = headerLength(this.#held, 0, this.#heldLength);
    }
    if (header === 0) return next;
    const length = payloadLength(this.#held, 0, header);
    const missing = header + length - this.#heldLength;
    const take = Math.min(missing, end - next);
    this.#hold(bytes, next, next + take, header + length);
    if (take === missing) {
      this.#heldLength = 0;
      this.#emit(this.#held, 0, header, length);
    }
    return next + take;
  }

  #hold(bytes: Buffer, at: number, end: number, whole: number): void {
    const needed = Math.max(whole, this.#heldLength + end - at, 16);
    if (this.#held.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 4096));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldLength, at, end);
    this.#heldLength += end - at;
  }

  #emit(bytes: Buffer, at: number, header: number, length: number): void {
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0 || (first & 0x0f) === 0) throw new Error("a fragmented frame");
    if (((bytes[at + 1] ?? 0) & 0x80) !== 0) throw new Error("a masked frame from the server");
    this.#sink(bytes, at + header, at + header + length, first & 0x0f);
  }
}
