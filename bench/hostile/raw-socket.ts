import { createConnection, type Socket } from "node:net";
import { clientFrame, FrameReader, OPCODE } from "../load/frames.ts";

/** How a connection ended: the close frame's code, or undefined where TCP ended without one. */
export interface Ended {
  readonly code: number | undefined;
  readonly reason: string;
}

/** One raw TCP socket that speaks enough WebSocket to misbehave: it writes what it is given, and reads when it likes. */
export class RawSocket {
  /** Called with each text frame. */
  onText: (text: string) => void = () => undefined;
  bytesRead = 0;
  /** When the close frame came, by `performance.now()`. */
  closedAt: number | undefined;
  readonly ended: Promise<Ended>;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #opened = Promise.withResolvers<void>();
  #end: Ended = { code: undefined, reason: "" };
  #head: string | undefined = "";

  private constructor(port: number, path: string, subprotocol?: string) {
    this.#reader = new FrameReader((bytes, start, end, opcode) => this.#frame(bytes, start, end, opcode));
    this.#socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("connect", () => this.#socket.write(upgradeRequest(port, path, subprotocol)));
    this.#socket.on("data", (bytes) => this.#read(bytes));
    this.#socket.on("error", (error) => this.#opened.reject(error));
    this.ended = new Promise((resolve) => {
      this.#socket.on("close", () => {
        this.#opened.reject(new Error("The server closed the connection."));
        resolve(this.#end);
      });
    });
  }

  static async open(port: number, path: string, subprotocol?: string): Promise<RawSocket> {
    const socket = new RawSocket(port, path, subprotocol);
    await socket.#opened.promise;
    return socket;
  }

  /** The code of the close frame that came, if one has. */
  get closeCode(): number | undefined {
    return this.#end.code;
  }

  text(...frames: readonly string[]): void {
    this.#socket.write(Buffer.concat(frames.map((frame) => clientFrame(frame))));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    let from = 0;
    if (this.#head !== undefined) {
      const before = this.#head.length;
      this.#head += bytes.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!this.#head.startsWith("HTTP/1.1 101")) {
        this.#opened.reject(new Error(`No upgrade: ${this.#head.slice(0, 300)}`));
        return;
      }
      from = end + 4 - before;
      this.#head = undefined;
      this.#opened.resolve();
    }
    this.#reader.feed(bytes, from, bytes.length);
  }

  #frame(bytes: Buffer, start: number, end: number, opcode: number): void {
    if (opcode === OPCODE.text) this.onText(bytes.toString("utf8", start, end));
    if (opcode !== OPCODE.close) return;
    this.closedAt = performance.now();
    const code = end - start >= 2 ? bytes.readUInt16BE(start) : undefined;
    this.#end = { code, reason: bytes.toString("utf8", start + 2, end) };
  }
}

let keys = 0;

function upgradeRequest(port: number, path: string, subprotocol: string | undefined): string {
  keys += 1;
  const key = Buffer.from(String(keys).padStart(16, "0")).toString("base64");
  const offered = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${offered}\r\n`
  );
}
