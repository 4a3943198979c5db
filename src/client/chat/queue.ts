import { RoomcastError } from "../errors.ts";
import type { RoomcastErrorFields } from "../types.ts";

/** How long to wait where the room does not say, in milliseconds. */
const PAUSE = 1_000;

interface Held {
  readonly send: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Messages that were written while there was no connection: sent one after the other once there is one, as fast as the
 * room's rate allows. Together they would be over it, and those that are would be refused though nobody hurried.
 */
export class Queue {
  readonly #held: Held[] = [];
  readonly #live: () => boolean;
  #sending = false;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(live: () => boolean) {
    this.#live = live;
  }

  /** Those that nobody has begun to send. */
  get waiting(): number {
    return this.#held.length - (this.#sending ? 1 : 0);
  }

  get empty(): boolean {
    return this.#held.length === 0;
  }

  add(send: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => this.#held.push({ send, resolve, reject }));
  }

  /** Sends what can be sent now. To be called when the connection is there. */
  go(): void {
    const [first] = this.#held;
    if (first === undefined || this.#sending || this.#timer !== undefined || !this.#live()) return;
    this.#sending = true;
    void this.#send(first);
  }

  /** Rejects what nobody will send any more. */
  end(error: () => unknown): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const { reject } of this.#held.splice(this.#sending ? 1 : 0)) reject(error());
  }

  async #send({ send, resolve, reject }: Held): Promise<void> {
    try {
      await send();
      this.#done();
      resolve();
    } catch (error) {
      if (error instanceof RoomcastError && error.code === "too_many_requests" && !this.#ended) {
        this.#sending = false;
        this.#later(error);
        return;
      }
      this.#done();
      reject(error);
    }
    this.go();
  }

  #done(): void {
    this.#sending = false;
    this.#held.shift();
  }

  #later({ retryAfter = PAUSE }: RoomcastErrorFields): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.go();
    }, retryAfter);
  }
}
