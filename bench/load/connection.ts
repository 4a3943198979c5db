import { createConnection, type Socket } from "node:net";
import { CODECS, type Codec, type CodecName } from "./codecs.ts";
import type { Check, Cursor } from "./check.ts";
import { clientFrame, FrameReader, OPCODE } from "./frames.ts";

/** Where a contestant listens, and how its clients speak. */
export interface Target {
  readonly port: number;
  /** Path and query of the WebSocket. */
  readonly path: string;
  readonly codec: CodecName;
}

/** Milliseconds since the connect began. */
export interface ConnectTimes {
  /** The upgrade was answered. */
  upgraded: number;
  /** The first frame's first byte. */
  firstByte: number;
  /** The connection was subscribed: for Roomcast, the snapshot was whole. */
  ready: number;
}

const CONNECT_DEADLINE_MS = 20_000;

/** All sockets of the process read into this one buffer: each read is dealt with before the next. */
const shared = Buffer.allocUnsafeSlow(256 * 1024);

/** One raw TCP socket that speaks enough WebSocket to be a contestant's client. */
export class Connection implements Cursor {
  position = 0;
  /** Bytes read since the connect, frames and all. */
  bytes = 0;
  readonly times: ConnectTimes = { upgraded: 0, firstByte: 0, ready: 0 };
  /** Called after a frame that held messages, with the position before it. */
  onMessages: ((before: number) => void) | undefined;
  readonly #codec: Codec;
  readonly #check: Check;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #began = performance.now();
  readonly #opened = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #head = "";
  #phase: "upgrading" | "greeting" | "ready" | "closing" = "upgrading";

  constructor(target: Target, check: Check) {
    this.#codec = CODECS[target.codec];
    this.#check = check;
    this.#reader = new FrameReader((bytes, start, end, opcode) => this.#frame(bytes, start, end, opcode));
    this.#socket = createConnection({
      host: "127.0.0.1",
      port: target.port,
      noDelay: true,
      onread: { buffer: shared, callback: (length) => this.#read(length) },
    });
    this.#socket.on("connect", () => this.#socket.write(upgradeRequest(target, this.#codec)));
    this.#socket.on("error", (error) => this.#fail(error.message));
    this.#socket.on("end", () => this.#socket.end());
    this.#socket.on("close", () => {
      this.#fail("the server closed the connection");
      this.#closed.resolve();
    });
  }

  /** Resolves when the connection is subscribed; rejects after 20 s. */
  async ready(): Promise<this> {
    const timer = setTimeout(() => this.#opened.reject(new Error("not connected in 20 s")), CONNECT_DEADLINE_MS);
    try {
      await this.#opened.promise;
    } finally {
      clearTimeout(timer);
    }
    return this;
  }

  write(frames: Buffer): void {
    this.#socket.write(frames);
  }

  publishFrame(publisher: number, seq: number, payload: string): Buffer {
    return clientFrame(this.#codec.publish(publisher, seq, payload));
  }

  /** Says goodbye, and resets the connection when the server takes more than a second over it. */
  async close(): Promise<void> {
    if (this.#phase !== "closing") {
      this.#phase = "closing";
      this.#socket.write(clientFrame("", OPCODE.close));
      this.#socket.end();
    }
    const timer = setTimeout(() => this.#socket.destroy(), 1000);
    await this.#closed.promise;
    clearTimeout(timer);
  }

  #read(length: number): boolean {
    this.bytes += length;
    try {
      const from = this.#phase === "upgrading" ? this.#upgrade(length) : 0;
      if (this.times.firstByte === 0 && from < length) this.times.firstByte = performance.now() - this.#began;
      this.#reader.feed(shared, from, length);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      this.#socket.destroy();
    }
    return true;
  }

  /** Reads the answer to the upgrade; returns where the frames begin. */
  #upgrade(length: number): number {
    const before = this.#head.length;
    this.#head += shared.toString("latin1", 0, length);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return length;
    if (!this.#head.startsWith("HTTP/1.1 101")) throw new Error(`no upgrade: ${this.#head.slice(0, 300)}`);
    this.times.upgraded = performance.now() - this.#began;
    this.#phase = "greeting";
    for (const text of this.#codec.greet()) this.write(clientFrame(text));
    if (this.#codec.isReady === undefined) this.#becomeReady();
    this.#head = "";
    return end + 4 - before;
  }

  #becomeReady(): void {
    this.#phase = "ready";
    this.times.ready = performance.now() - this.#began;
    this.#opened.resolve();
  }

  #frame(bytes: Buffer, start: number, end: number, opcode: number): void {
    if (opcode === OPCODE.close) {
      if (this.#phase === "closing") return;
      const code = end - start >= 2 ? bytes.readUInt16BE(start) : 1005;
      throw new Error(`the server closed: ${code} ${bytes.toString("utf8", start + 2, end)}`);
    }
    if (opcode === OPCODE.ping) return this.write(clientFrame(bytes.toString("utf8", start, end), OPCODE.pong));
    if (opcode === OPCODE.pong || this.#phase === "closing") return;
    if (this.#phase === "greeting") {
      if (this.#codec.isReady?.(bytes.toString("utf8", start, end)) === true) this.#becomeReady();
      return;
    }
    const before = this.position;
    const count = this.#check.take(bytes, start, end, this);
    if (this.#codec.answer !== undefined && (count === 0 || this.#codec.mayAsk?.(bytes, start, end) === true)) {
      const answer = this.#codec.answer(bytes.toString("utf8", start, end));
      if (answer !== undefined) this.write(clientFrame(answer));
    }
    if (count > 0) this.onMessages?.(before);
  }

  #fail(why: string): void {
    if (this.#phase === "closing") return;
    this.#check.fault ??= why;
    this.#opened.reject(new Error(why));
  }
}

let keys = 0;

function upgradeRequest(target: Target, codec: Codec): string {
  keys += 1;
  const key = Buffer.from(String(keys).padStart(16, "0")).toString("base64");
  const subprotocol = codec.subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${codec.subprotocol}\r\n`;
  return (
    `GET ${target.path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${subprotocol}\r\n`
  );
}
