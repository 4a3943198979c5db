import { taken, waitFor, type FullAt } from "./rates/bucket.ts";

/** In units of about two microseconds of the server's time. An empty budget is full again after this long. */
const REFILL_MS = 5_000;

/** The saved budget is behind by at most this part of it. */
const SAVE_PARTS = 8;

/** A message that had an effect: a mutation that is applied, an answer to a mark. */
export const USEFUL = 1;

/** Any other, whatever became of it: reading and answering it costs the room as much, and nobody needs many of them. */
export const USELESS = 25;

/** Characters (or bytes) of a message that had an effect, for one unit: a publisher may be as fast as the server. */
const USEFUL_LENGTH = 4_096;

/** Characters (or bytes) of any other, for one unit. */
const USELESS_LENGTH = 256;

/** The cost of a message of this length, by whether it had an effect. */
export function unitsOf(length: number, useful: boolean): number {
  return useful ? USEFUL + length / USEFUL_LENGTH : USELESS + length / USELESS_LENGTH;
}

/**
 * The work that one connection may cause, a token bucket. Every message draws on it whatever its outcome, so that
 * nobody can keep a server busy with what is refused, repeated or ignored.
 */
export class Budget {
  #fullAt: FullAt;
  #savedFullAt: FullAt;

  constructor(fullAt: FullAt = 0) {
    this.#fullAt = fullAt;
    this.#savedFullAt = fullAt;
  }

  /** Draws on it; false when it is overdrawn, and the connection is to be ended. */
  spend(units: number, now: number, capacity: number): boolean {
    if (capacity === Infinity) return true;
    const rate = { burst: capacity, every: REFILL_MS / capacity };
    const enough = waitFor(this.#fullAt, now, rate, Math.min(units, capacity)) === 0;
    this.#fullAt = taken(this.#fullAt, now, rate, units);
    return enough;
  }

  /** Whether so much has been spent since it was last saved that it is to be saved again. */
  isWorthSaving(now: number): boolean {
    return this.#fullAt - Math.max(this.#savedFullAt, now) > REFILL_MS / SAVE_PARTS;
  }

  /** What outlives a sleep; undefined while nothing has been spent. */
  get spent(): FullAt | undefined {
    return this.#fullAt === 0 ? undefined : this.#fullAt;
  }

  /** Call when it has been saved. */
  saved(): void {
    this.#savedFullAt = this.#fullAt;
  }
}
