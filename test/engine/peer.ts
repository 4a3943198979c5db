import type { ClientMessage } from "../../src/protocol/client/index.ts";
import type { RoomMessage } from "../../src/protocol/room/index.ts";
import { SUBPROTOCOL } from "../../src/protocol/version.ts";

type OfType<T extends RoomMessage["t"]> = Extract<RoomMessage, { t: T }>;

interface Upgradable {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** One end of a WebSocket in a test: what came is kept until it is asked for, and awaited when it has not come. */
export class Peer {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #came: string[] = [];
  #waiting: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#came.push(...(data as string).split("\n"));
      this.#waiting?.();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.accept();
  }

  static async connect(room: Upgradable, headers: Record<string, string> = {}): Promise<Peer> {
    const response = await room.fetch("http://room/", { headers: { Upgrade: "websocket", ...headers } });
    if (response.webSocket === null) throw new Error(`No socket: ${response.status} ${await response.text()}`);
    return new Peer(response.webSocket);
  }

  static native(room: Upgradable, headers: Record<string, string> = {}): Promise<Peer> {
    return Peer.connect(room, { "Sec-WebSocket-Protocol": SUBPROTOCOL, ...headers });
  }

  /** Connects, says hello and takes the snapshot: from here on it is live. */
  static async live(
    room: Upgradable,
    hello: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<{ readonly peer: Peer; readonly welcome: OfType<"welcome">; readonly snapshot: OfType<"snapshot"> }> {
    const peer = await Peer.native(room, headers);
    const welcome = await peer.hello(hello);
    return { peer, welcome, snapshot: await peer.expect("snapshot") };
  }

  /** Every op that comes, by number, up to `last`. Other messages fail the test. */
  async opsUntil(last: number): Promise<Map<number, unknown>> {
    const ops = new Map<number, unknown>();
    for (let seq = 0; seq < last;) {
      const run = await this.expect("ops");
      seq = run.seq;
      for (const entry of run.entries) {
        for (const op of entry.ops) {
          if (ops.has(seq)) throw new Error(`Op ${seq} came twice`);
          ops.set(seq, op);
          seq += 1;
        }
      }
      seq -= 1;
    }
    return ops;
  }

  send(...messages: readonly ClientMessage[]): void {
    this.socket.send(messages.map((message) => JSON.stringify(message)).join("\n"));
  }

  /** Says hello; answers with the welcome and, where one follows, the snapshot. */
  async hello(hello: Record<string, unknown> = {}): Promise<OfType<"welcome">> {
    this.send({ t: "hello", v: 1, client: crypto.randomUUID(), ...hello });
    return this.expect("welcome");
  }

  mutate(m: number, ...intents: readonly unknown[]): void {
    this.send({ t: "mutate", m, intents: [...intents] });
  }

  /** The next message, whatever it is. */
  async line(): Promise<string> {
    while (this.#came.length === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#came.shift() ?? "";
  }

  async next(): Promise<RoomMessage> {
    return JSON.parse(await this.line()) as RoomMessage;
  }

  /** The next message, which must be of this type. */
  async expect<T extends RoomMessage["t"]>(t: T): Promise<OfType<T>> {
    const message = await this.next();
    if (message.t !== t) throw new Error(`Expected ${t}, got ${JSON.stringify(message)}`);
    return message as OfType<T>;
  }

  /** What has come and was not asked for yet. */
  get unread(): readonly string[] {
    return this.#came;
  }
}
