import type { Kind } from "../../kinds/kind.ts";
import { DEFAULT_RATE, overRate, type Rate } from "../../protocol/rate.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { LimiterNamespace } from "../api.ts";
import { atLeast, checkRate, taken, waitFor, type FullAt } from "./bucket.ts";

/** What intents take, by budget. */
export function costsOf<State, Intent, Op>(
  { name, budget }: Kind<State, Intent, Op>,
  intents: readonly Intent[],
): ReadonlyMap<string, number> {
  if (budget === undefined) return new Map([[name, intents.length]]);
  const costs = new Map<string, number>();
  for (const intent of intents) costs.set(budget(intent), (costs.get(budget(intent)) ?? 0) + 1);
  return costs;
}

/** Buckets kept at most; the oldest go first. Each is a few numbers. */
const MOST = 10_000;
/** Below this many there is nothing to gain from looking for full ones. */
const FEW = 256;
/** The limiter is told once this part of the burst has been taken, so that who stays well below is never counted. */
const TELL_AT = 0.1;
/** A call that has not come back after so many milliseconds no longer holds up the next. */
const PATIENCE = 10_000;
/** A limiter that fails is named in the log this often, in milliseconds. */
const COMPLAIN_EVERY = 60_000;

interface Bucket {
  fullAt: FullAt;
  /** Taken, and the limiter not told yet. */
  untold: number;
  /** Since when the limiter is being told, milliseconds since 1970; 0: it is not. */
  telling: number;
}

interface Parts {
  readonly limiters: LimiterNamespace;
  readonly rates: Readonly<Record<string, Rate>>;
  readonly now?: () => number;
}

/**
 * A room's own copy of what the limiters know. It decides at once, and tells the limiter afterwards what it let
 * through; the answer brings in what the same network did in other rooms. So a message never waits for the limiter,
 * and where the limiter fails the copy rules alone.
 *
 * Holds no timer: a bucket refills by the clock, and is let go when there is need.
 */
export class Rates {
  readonly #limiters: LimiterNamespace;
  readonly #rates: Readonly<Record<string, Rate>>;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = FEW;
  #complainedAt = -Infinity;

  constructor({ limiters, rates, now = () => Date.now() }: Parts) {
    for (const [budget, rate] of Object.entries(rates)) checkRate(budget, rate);
    this.#limiters = limiters;
    this.#rates = rates;
    this.#now = now;
  }

  /** Buckets in memory. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes from several budgets, from all or from none; the refusal names the longest wait. */
  take(network: string, costs: Iterable<readonly [budget: string, count: number]>): Refusal | undefined {
    const now = this.#now();
    const wanted = [...costs].map(([budget, count]) => {
      const rate = this.rateOf(budget);
      const key = `${budget} ${network}`;
      const bucket = this.#buckets.get(key);
      return { budget, count, rate, key, bucket, wait: waitFor(bucket?.fullAt ?? 0, now, rate, count) };
    });
    const wait = Math.max(0, ...wanted.map((each) => each.wait));
    if (wait > 0) return overRate(wait);
    for (const { budget, count, rate, key, bucket = this.#bucket(key, now) } of wanted) {
      // What has refilled since is not worth telling.
      if (bucket.fullAt <= now) bucket.untold = 0;
      bucket.fullAt = taken(bucket.fullAt, now, rate, count);
      bucket.untold += count;
      // Not awaited: nobody waits for the limiter.
      if (isWorthTelling(bucket, rate)) void this.#tell(network, budget, rate, bucket);
    }
    return undefined;
  }

  rateOf(budget: string): Rate {
    return this.#rates[budget] ?? DEFAULT_RATE;
  }

  #bucket(key: string, now: number): Bucket {
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const bucket: Bucket = { fullAt: 0, untold: 0, telling: 0 };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #sweep(now: number): void {
    for (const [key, { fullAt }] of this.#buckets) if (fullAt <= now) this.#buckets.delete(key);
    // Some at a time, and not at every new one: a sweep looks at all of them.
    let surplus = this.#buckets.size < MOST ? 0 : MOST / 8;
    for (const key of this.#buckets.keys()) {
      if (surplus-- <= 0) break;
      this.#buckets.delete(key);
    }
    this.#sweepAt = Math.min(MOST, Math.max(FEW, this.#buckets.size * 2));
  }

  /** Tells the limiter, unless that is under way: then what gathers meanwhile is told together. Never rejects. */
  async #tell(network: string, budget: string, rate: Rate, bucket: Bucket): Promise<void> {
    while (isWorthTelling(bucket, rate)) {
      const begun = this.#now();
      if (begun - bucket.telling < PATIENCE) return;
      const count = bucket.untold;
      bucket.untold = 0;
      bucket.telling = begun;
      const owed = await this.#charge(network, budget, rate, count);
      // What was taken since is not in the answer.
      const since = owed > 0 ? bucket.untold * rate.every : 0;
      bucket.fullAt = atLeast(bucket.fullAt, this.#now(), rate, owed + since);
      // It may have taken so long that another has begun.
      if (bucket.telling !== begun) return;
      bucket.telling = 0;
    }
  }

  /** How long until the limiter's bucket is full; 0 where it cannot be asked. */
  async #charge(network: string, budget: string, rate: Rate, count: number): Promise<number> {
    try {
      return await this.#limiters.getByName(network).charge(budget, rate, count);
    } catch (error) {
      if (this.#now() - this.#complainedAt >= COMPLAIN_EVERY) {
        this.#complainedAt = this.#now();
        console.warn("roomcast: the rate limiter cannot be reached; the room counts by itself", error);
      }
      return 0;
    }
  }
}

function isWorthTelling({ untold }: Bucket, { burst }: Rate): boolean {
  return untold >= burst * TELL_AT;
}
