import type { Check } from "./check.ts";
import type { Connection } from "./connection.ts";
import { makePayload } from "./payload.ts";

/** Sent times that are kept: more than any number in flight. */
const RING = 1 << 12;

/** A closed loop on one connection: as many messages as came back are sent next, in one write. */
export class Publisher {
  inFlight = 0;
  /** Milliseconds between a message's return and the next; 0 for at once. */
  gap = 0;
  sent = 0;
  /** Round trips in milliseconds since the array was last replaced. */
  times: number[] = [];
  readonly #connection: Connection;
  readonly #check: Check;
  readonly #index: number;
  readonly #sentAt = new Float64Array(RING);
  #returned = 0;
  #running = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, check: Check, index: number) {
    this.#connection = connection;
    this.#check = check;
    this.#index = index;
    connection.onMessages = (before) => this.#onMessages(before);
  }

  start(): void {
    this.#running = true;
    this.times = [];
    this.#send(this.inFlight);
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#pause);
  }

  #onMessages(before: number): void {
    const count = this.#check.countOf(this.#index, before, this.#connection.position);
    if (count === 0) return;
    const now = performance.now();
    for (let i = 0; i < count; i += 1) {
      this.#returned += 1;
      this.times.push(now - (this.#sentAt[this.#returned % RING] ?? 0));
    }
    if (!this.#running) return;
    if (this.gap === 0) this.#send(count);
    else this.#pause = setTimeout(() => this.#send(count), this.gap);
  }

  #send(count: number): void {
    if (count === 0) return;
    const frames: Buffer[] = [];
    for (let i = 0; i < count; i += 1) {
      this.sent += 1;
      frames.push(this.#connection.publishFrame(this.#index, this.sent, makePayload(this.#index, this.sent)));
    }
    const now = performance.now();
    for (let seq = this.sent - count + 1; seq <= this.sent; seq += 1) this.#sentAt[seq % RING] = now;
    this.#connection.write(frames.length === 1 ? (frames[0] ?? Buffer.alloc(0)) : Buffer.concat(frames));
  }
}
