import type { SimpleFormat } from "./actors/script.ts";
import type { World } from "./world.ts";

/** A client of a simpler wire format, as its users write it: it connects once, and shows what it is sent. */
export class SimpleClient {
  readonly frames: string[] = [];
  readonly format: SimpleFormat;
  open = false;
  closed = false;
  readonly #socket: { send(text: string): void; close(): void };

  constructor(world: World, format: SimpleFormat, room: string) {
    this.format = format;
    const address = format.address(room);
    const Socket = world.sockets("simple");
    const socket = new Socket(
      `ws://rooms.test${address}${address.includes("?") ? "&" : "?"}can=read,write`,
      [],
    ) as unknown as {
      addEventListener(type: string, listener: (event: never) => void): void;
      send(text: string): void;
      close(): void;
    };
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.open = true;
      for (const line of format.hello) socket.send(line);
    });
    socket.addEventListener("message", ({ data }: { data: string }) => this.frames.push(data));
    socket.addEventListener("close", () => {
      this.open = false;
      this.closed = true;
    });
  }

  send(text: string): void {
    if (this.open) this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }
}
