import { once } from "node:events";
import { WebSocket } from "ws";

/** What came to one connection while it was counted. */
export interface Heard {
  frames: number;
  bytes: number;
}

/** One native connection to a map: counts what comes, and answers marks. */
export class Person {
  readonly heard: Heard = { frames: 0, bytes: 0 };
  readonly #socket: WebSocket;
  #m = 0;
  #waiting: { readonly t: string; readonly resolve: (frame: string) => void } | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      this.heard.frames += 1;
      this.heard.bytes += data.byteLength;
      // Two hundred people read a thousand frames a second here; only the beginnings of lines are looked at.
      const mark = data.lastIndexOf('{"t":"mark","n":');
      if (mark !== -1) socket.send(`{"t":"ack","n":${parseInt(data.toString("latin1", mark + 16), 10)}}`);
      const { t, resolve } = this.#waiting ?? {};
      if (t === undefined || resolve === undefined || !data.includes(`{"t":"${t}"`)) return;
      this.#waiting = undefined;
      resolve(data.toString());
    });
  }

  /** Connects and says hello. Resolves when the whole state is there. */
  static async join(port: number, map: string, presence?: object): Promise<Person> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/map/${map}/ws`, "roomcast.v1", { perMessageDeflate: false });
    await once(socket, "open");
    const person = new Person(socket);
    const ready = person.next("snapshot");
    const client = crypto.randomUUID();
    socket.send(JSON.stringify({ t: "hello", v: 1, client, ...(presence === undefined ? {} : { presence }) }));
    await ready;
    return person;
  }

  /** The next frame that holds a message of this type. */
  next(t: string): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting = { t, resolve };
    });
  }

  show(presence: object): void {
    this.#socket.send(JSON.stringify({ t: "presence", data: presence }));
  }

  /** Resolves when the op has come back. */
  async change(intent: object): Promise<void> {
    this.#m += 1;
    const done = this.next("ops");
    this.#socket.send(JSON.stringify({ t: "mutate", m: this.#m, intents: [intent] }));
    await done;
  }

  async leave(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}
