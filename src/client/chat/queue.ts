import { RoomcastError } from "../errors.ts";

/** How long to wait where the room does not say, in milliseconds. */
const PAUSE = 1_000;

interface Held {
  /** Waits however long the room says; otherwise a wait beyond `LONG_WAIT_MS` is a refusal. */
  readonly patient: boolean;
  readonly send: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A longer wait, as in a slow mode of minutes, is for the author to decide on. */
const LONG_WAIT_MS = 30_000;

/**
 * Messages on their way to the room: sent one after the other while there is a connection. One that is over the room's
 * rate is sent again after the time that the room names, and those behind it wait, so that the order is kept.
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

  add(send: () => Promise<void>, { patient }: { readonly patient: boolean }): Promise<void> {
    return new Promise((resolve, reject) => this.#held.push({ patient, send, resolve, reject }));
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

  async #send({ patient, send, resolve, reject }: Held): Promise<void> {
    try {
      await send();
      this.#done();
      resolve();
    } catch (error) {
      if (!this.#ended && isOverRate(error) && (patient || waitOf(error) <= LONG_WAIT_MS)) {
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

  #later(error: RoomcastError): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.go();
    }, waitOf(error));
  }
}

function isOverRate(error: unknown): error is RoomcastError {
  return error instanceof RoomcastError && error.code === "too_many_requests";
}

function waitOf({ retryAfter = PAUSE }: RoomcastError): number {
  return retryAfter;
}
