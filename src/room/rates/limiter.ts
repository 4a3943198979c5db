import { DurableObject } from "cloudflare:workers";
import type { Rate } from "../../protocol/rate.ts";
import { taken, waitFor, type FullAt } from "./bucket.ts";

/** Beyond this many buckets of one address or user, those that are full again are dropped. */
const MANY = 64;

/**
 * Counts what one network address or one signed-in user does, in all rooms of all kinds: one object for each, named by
 * it. Kept in memory only: a bucket refills sooner than it is worth a row. The object of an address holds a bucket for
 * each budget, and those of the guests who speak from there.
 *
 * Bind it as `RATES`, where rooms look for it, and name it in `createWorker({ rates: (env) => env.RATES })`.
 */
export class RateLimiter<Env = unknown> extends DurableObject<Env> {
  readonly #buckets = new Map<string, FullAt>();

  /**
   * Notes what a room has let through already, and tells how long until the bucket is full again, in milliseconds:
   * all that a room needs to know of the others.
   */
  async charge(budget: string, rate: Rate, count: number): Promise<number> {
    const now = Date.now();
    const fullAt = taken(this.#buckets.get(budget) ?? 0, now, rate, count);
    this.#keep(budget, fullAt, now);
    return fullAt - now;
  }

  /** Takes tokens if they are there: 0. Else nothing is taken, and it tells how long to wait, in milliseconds. */
  async take(budget: string, rate: Rate, count: number): Promise<number> {
    const now = Date.now();
    const fullAt = this.#buckets.get(budget) ?? 0;
    const wait = waitFor(fullAt, now, rate, count);
    if (wait === 0) this.#keep(budget, taken(fullAt, now, rate, count), now);
    return wait;
  }

  #keep(budget: string, fullAt: FullAt, now: number): void {
    this.#buckets.set(budget, fullAt);
    if (this.#buckets.size <= MANY) return;
    for (const [name, at] of this.#buckets) if (at <= now) this.#buckets.delete(name);
  }
}
