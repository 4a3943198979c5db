import { connect, stream } from "../../src/client/index.ts";

/** What a subscriber has heard of events that are numbered from 1 (`n`), in order: the newest, or what was wrong. */
export abstract class Subscriber {
  readonly what: string;
  heard = 0;
  drops = 0;
  fault: string | undefined;
  #onEvent: (() => void) | undefined;

  constructor(what: string) {
    this.what = what;
  }

  /** Resolves once it is subscribed. */
  abstract open(): Promise<void>;
  /** Loses its connection, and comes back. */
  abstract drop(): void;
  abstract close(): void;

  protected hear(n: number): void {
    if (n !== this.heard + 1) this.fault ??= `${this.what}: ${n} after ${this.heard}`;
    this.heard = n;
    this.#onEvent?.();
  }

  /** Resolves when it has heard event `n`; rejects when something was wrong. */
  async until(n: number): Promise<void> {
    while (this.heard < n && this.fault === undefined) {
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
    this.#onEvent = undefined;
    if (this.fault !== undefined) throw new Error(this.fault);
  }
}

interface Numbered {
  readonly n: number;
}

/** The package's client, over the native protocol. */
export class NativeSubscriber extends Subscriber {
  readonly #sockets = new Set<WebSocket>();
  readonly #rooms: ReturnType<typeof connect>;
  readonly #id: string;

  constructor(url: string, id: string) {
    super("native");
    const sockets = this.#sockets;
    class Kept extends WebSocket {
      constructor(address: string, protocol: string) {
        super(address, protocol);
        sockets.add(this);
        this.addEventListener("close", () => sockets.delete(this));
      }
    }
    this.#rooms = connect(url, { WebSocket: Kept });
    this.#id = id;
  }

  open(): Promise<void> {
    return new Promise((resolve) => {
      stream<Numbered>(this.#rooms, this.#id).subscribe(({ n }) => this.hear(n), {
        onStatus: ({ phase }) => {
          if (phase === "live") resolve();
        },
        onReset: ({ reason }) => {
          this.fault ??= `native: reset: ${reason}`;
        },
      });
    });
  }

  drop(): void {
    this.drops += 1;
    for (const socket of this.#sockets) socket.close();
  }

  close(): void {
    this.#rooms.close();
  }
}

/** Server-sent events, as a browser would read them. */
export class EventsSubscriber extends Subscriber {
  readonly #url: string;
  #lastId = "";
  #connection = new AbortController();

  constructor(url: string, id: string) {
    super("events");
    this.#url = `${url}/subscribe?siteId=${id}`;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#read(resolve).catch(reject);
    });
  }

  drop(): void {
    this.drops += 1;
    this.#connection.abort();
  }

  close(): void {
    this.#lastId = "closed";
    this.#connection.abort();
  }

  async #read(opened: () => void): Promise<void> {
    while (this.#lastId !== "closed") {
      this.#connection = new AbortController();
      const { signal } = this.#connection;
      const headers = {
        accept: "text/event-stream",
        ...(this.#lastId === "" ? {} : { "last-event-id": this.#lastId }),
      };
      try {
        const response = await fetch(this.#url, { headers, signal });
        if (response.body === null) throw new Error(`${response.status}`);
        let rest = "";
        for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
          const blocks = (rest + piece).split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks) this.#block(block);
          if (this.#lastId !== "") opened();
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  #block(block: string): void {
    let data = "";
    let isPosition = false;
    for (const line of block.split("\n")) {
      if (line.startsWith("id: ")) this.#lastId = line.slice(4);
      else if (line.startsWith("data: ")) data += line.slice(6);
      else if (line.startsWith("event: reset")) this.fault ??= "events: reset";
      else if (line === "event: position") isPosition = true;
    }
    if (data !== "" && !isPosition) this.hear((JSON.parse(data) as Numbered).n);
  }
}

/** A WebSocket without a subprotocol: a frame an event. It cannot come back without a gap, so it must not drop. */
export class RawSubscriber extends Subscriber {
  readonly #socket: WebSocket;

  constructor(url: string, id: string) {
    super("raw");
    this.#socket = new WebSocket(`${url.replace(/^http/, "ws")}/subscribe?siteId=${id}`);
    this.#socket.addEventListener("message", ({ data }) => this.hear((JSON.parse(String(data)) as Numbered).n));
  }

  open(): Promise<void> {
    return new Promise((resolve) => this.#socket.addEventListener("open", () => resolve()));
  }

  drop(): void {
    throw new Error("A raw subscriber has no way to come back.");
  }

  close(): void {
    this.#socket.close();
  }
}
