import { WebSocket } from "ws";
import type { ClientMessage } from "../../src/protocol/client/index.ts";
import type { Position } from "../../src/protocol/position.ts";
import type { RoomMessage } from "../../src/protocol/room/index.ts";
import { PING, PONG, SUBPROTOCOL } from "../../src/protocol/version.ts";

/** A native connection over a socket of its own, which can stop reading as a stalled machine would. */
export class NativeSocket {
  /** Resolves when the connection has ended, however. */
  readonly ended: Promise<void>;
  /** Whether it answers marks. One that does not is still reading. */
  answers = true;
  readonly #socket: WebSocket;
  #mark: number | undefined;
  #pongs: (() => void)[] = [];

  private constructor(socket: WebSocket, hear: (message: RoomMessage, units: number) => void) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const frame = data.toString();
      if (frame === PONG) {
        this.#pongs.shift()?.();
        return;
      }
      for (const line of frame.split("\n")) {
        const message = JSON.parse(line) as RoomMessage;
        hear(message, line.length);
        if (message.t === "mark") this.#mark = message.n;
        if (this.answers) this.#answer();
      }
    });
    this.ended = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** `url` is the room's, such as `ws://127.0.0.1:8787/doc/notes/ws`. Rejects when there is no server. */
  static async open(
    url: string,
    hello: { readonly client: string; readonly since?: Position },
    hear: (message: RoomMessage, units: number) => void,
  ): Promise<NativeSocket> {
    // What is published here is all alike; compressed, nothing of it would ever fill a buffer.
    const socket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    // A server that is killed resets its connections; `ended` says so.
    socket.on("error", () => {});
    const native = new NativeSocket(socket, hear);
    const { client, since } = hello;
    native.send({ t: "hello", v: 1, client, ...(since === undefined ? {} : { since: { ...since } }) });
    return native;
  }

  send(...messages: readonly ClientMessage[]): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(messages.map((message) => JSON.stringify(message)).join("\n"));
  }

  /** Answers the latest mark, and every one from now on. */
  goOn(): void {
    this.answers = true;
    this.#answer();
  }

  /** Resolves when everything that the room had sent by now has come. */
  async caughtUp(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#pongs.push(resolve);
      this.#socket.send(PING);
    });
  }

  /** Reads nothing more from the network: the window of TCP closes. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }

  #answer(): void {
    if (this.#mark !== undefined) this.send({ t: "ack", n: this.#mark });
    this.#mark = undefined;
  }
}
