import type { RoomMessage } from "../../src/protocol/room/index.ts";
import { NativeSocket } from "./native-socket.ts";

/** The server as writers see it: at an address, and up again some time after each crash. */
export interface Target {
  readonly url: string;
  /** Resolves when the server is up. */
  up(): Promise<void>;
  /** Called for each acknowledgement. */
  acknowledged(): void;
}

/** Writes the numbers from 1 up to `count`, each once, into the array `key` of a document. */
export interface Writer {
  readonly key: string;
  readonly count: number;
  /** The numbers that the server has acknowledged, in the order of the acknowledgements. */
  readonly acked: readonly number[];
  run(): Promise<void>;
}

const IN_FLIGHT = 16;

/** Over a WebSocket, many in flight; what was not answered is sent again on the next connection. */
export class SocketWriter implements Writer {
  readonly key: string;
  readonly count: number;
  readonly acked: number[] = [];
  readonly #target: Target;
  readonly #client = crypto.randomUUID();
  /** What is not answered, and the version of the welcome under which it was first sent. */
  readonly #pending = new Map<number, string>();
  #welcomed = "";
  #you = "";
  #next = 1;
  #epoch = "";
  #seq = 0;
  #socket: NativeSocket | undefined;
  #failure: Error | undefined;

  constructor(target: Target, key: string, count: number) {
    this.#target = target;
    this.key = key;
    this.count = count;
  }

  async run(): Promise<void> {
    while (this.acked.length < this.count) {
      await this.#target.up();
      const since = this.#epoch === "" ? {} : { since: { epoch: this.#epoch, seq: this.#seq } };
      const hello = { client: this.#client, ...since };
      const url = `${this.#target.url.replace(/^http/, "ws")}/doc/crash/ws`;
      try {
        this.#socket = await NativeSocket.open(url, hello, (message) => this.#hear(message));
      } catch {
        continue;
      }
      await this.#socket.ended;
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  #hear(message: RoomMessage): void {
    switch (message.t) {
      case "welcome":
        this.#you = message.you;
        if (this.#epoch !== "" && this.#epoch !== message.epoch) this.#fail(`The epoch changed: ${message.epoch}`);
        this.#epoch = message.epoch;
        this.#welcomed = `${message.epoch}.${message.head}`;
        for (const m of this.#pending.keys()) {
          const inGap = message.gaps.some(([from, to]) => m >= from && m <= to);
          if (m <= message.last && !inGap) this.#ack(m);
        }
        for (const [m, again] of this.#pending) this.#send(m, again);
        this.#fill();
        break;
      case "snapshot":
        this.#seq = message.seq;
        break;
      case "ops":
        if (message.seq > this.#seq + 1) this.#fail(`Ops are missing between ${this.#seq} and ${message.seq}.`);
        this.#seq = message.seq - 1 + message.entries.flatMap(({ ops }) => ops).length;
        for (const { by, m } of message.entries) if (by === this.#you && m !== undefined) this.#ack(m);
        this.#fill();
        break;
      case "done":
        this.#ack(message.m);
        this.#fill();
        break;
      case "refused":
        this.#fail(`${message.code}: ${message.message}`);
        break;
      case "presence":
      case "mark":
        break;
    }
  }

  #fill(): void {
    while (this.#next <= this.count && this.#pending.size < IN_FLIGHT) {
      this.#pending.set(this.#next, this.#welcomed);
      this.#send(this.#next);
      this.#next += 1;
    }
    if (this.acked.length === this.count) this.#socket?.close();
  }

  #send(m: number, again?: string): void {
    const patch = [{ op: "add", path: `/${this.key}/-`, value: m }];
    const intents = [{ type: "jsonPatch", patch }];
    this.#socket?.send({ t: "mutate", m, intents, ...(again === undefined ? {} : { again }) });
  }

  #ack(m: number): void {
    if (!this.#pending.delete(m)) return;
    this.acked.push(m);
    this.#target.acknowledged();
  }

  #fail(why: string): void {
    this.#failure ??= new Error(`${this.key}: ${why}`);
    this.#socket?.close();
  }
}

/** By HTTP, one at a time: JSON Patch under an idempotency key, sent until it is answered. */
export class PatchWriter implements Writer {
  readonly key: string;
  readonly count: number;
  readonly acked: number[] = [];
  readonly #target: Target;

  constructor(target: Target, key: string, count: number) {
    this.#target = target;
    this.key = key;
    this.count = count;
  }

  async run(): Promise<void> {
    for (let n = 1; n <= this.count; n += 1) {
      await insist(this.#target, "/doc/crash", {
        method: "PATCH",
        headers: { "content-type": "application/json-patch+json", "idempotency-key": `${this.key}-${n}` },
        body: JSON.stringify([{ op: "add", path: `/${this.key}/-`, value: n }]),
      });
      this.acked.push(n);
      this.#target.acknowledged();
    }
  }
}

/** By the simple wire format's POST, one at a time: a key of the document each, since sending it again must be harmless. */
export class PostWriter implements Writer {
  readonly key: string;
  readonly count: number;
  readonly acked: number[] = [];
  readonly #target: Target;

  constructor(target: Target, key: string, count: number) {
    this.#target = target;
    this.key = key;
    this.count = count;
  }

  async run(): Promise<void> {
    for (let n = 1; n <= this.count; n += 1) {
      const body = JSON.stringify({ op: "merge", value: { [`${this.key}-${n}`]: n } });
      await insist(this.#target, "/doc/crash/patch", { method: "POST", body });
      this.acked.push(n);
      this.#target.acknowledged();
    }
  }
}

/** Sends a request until a server answers it. Throws when the answer is a refusal. */
async function insist(target: Target, path: string, init: RequestInit): Promise<void> {
  for (;;) {
    await target.up();
    let response: Response;
    try {
      response = await fetch(target.url + path, init);
      await response.arrayBuffer();
    } catch {
      continue;
    }
    if (response.ok) return;
    throw new Error(`${path}: ${response.status}`);
  }
}
