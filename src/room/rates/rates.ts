import { DEFAULT_RATE, overRate, type Rate } from "../../protocol/rate.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import type { LimiterNamespace } from "../api.ts";
import { atLeast, checkRate, taken, waitFor, type FullAt } from "./bucket.ts";
import type { Cost, PersonCosts } from "./costs.ts";
import type { PersonSubject, RateSubject } from "./subject.ts";

/** Buckets kept at most; the oldest go first. Each is a few numbers. */
const MOST = 10_000;
/** Below this many there is nothing to gain from looking for full ones. */
const FEW = 256;
/** Of a large budget the limiter is told once this part of the burst has been taken, or earlier; see `isWorthTelling`. */
const TELL_AT = 0.1;
/** A budget with a smaller burst is counted exactly: each token is told, and each write over HTTP reserves its own. */
const SMALL_BURST = 100;
/** A call that has not come back after so many milliseconds no longer holds up the next. */
const PATIENCE = 10_000;
/** A connection or a write over HTTP waits at most this long for the limiter. */
const ASK_MS = 2_000;
/** After the limiter failed or took longer, nobody waits for it for this long. */
const DOWN_MS = 10_000;
/** What the limiter last said about a subject holds this long. */
const KNOWN_MS = 60_000;
/** A limiter that fails is named in the log this often, in milliseconds. */
const COMPLAIN_EVERY = 60_000;

interface Bucket {
  fullAt: FullAt;
  /** Tokens reserved at the limiter and not used yet. They count in `fullAt` already. */
  granted: number;
  /** When the limiter last answered, milliseconds since 1970; 0: never. */
  answeredAt: number;
  /** The first question to the limiter, while it is under way. */
  asking: Promise<void> | undefined;
  /** Taken, and the limiter not told yet. */
  untold: number;
  /** What the limiter has been told since the bucket was last full. */
  told: number;
  /** Since when the limiter is being told, milliseconds since 1970; 0: it is not. */
  telling: number;
}

interface Wanted {
  readonly of: "address" | "person";
  readonly subject: RateSubject;
  /** Of the bucket, within the limiter. */
  readonly name: string;
  readonly isLocal: boolean;
  readonly count: number;
  readonly granted: number;
  readonly rate: Rate;
  readonly key: string;
  readonly bucket: Bucket | undefined;
  readonly wait: number;
}

interface Parts {
  readonly limiters: LimiterNamespace;
  readonly rates: Readonly<Record<string, Rate>>;
  readonly now?: () => number;
}

/**
 * A room's own copy of what the limiters know. The room's first tokens of a subject come from the limiter (`greet`,
 * `reserve`), so a new room has no bucket of its own. After that the copy decides at once and tells the limiter
 * afterwards what it let through; the answer brings in what the same subject did in other rooms. No message on a
 * socket waits for the limiter, and where the limiter fails the copy rules alone.
 *
 * Holds no timer except while it waits for the limiter: a bucket refills by the clock, and is let go when there is need.
 */
export class Rates {
  readonly #limiters: LimiterNamespace;
  readonly #rates: Readonly<Record<string, Rate>>;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = FEW;
  #complainedAt = -Infinity;
  #downUntil = -Infinity;

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

  /**
   * Call before a connection is accepted: reserves a token of each budget for a subject that is unknown here. Undefined
   * where there is nothing to wait for. Resolves within `ASK_MS` and never rejects: without an answer the copy rules
   * alone.
   */
  greet(subject: RateSubject, budgets: readonly string[]): Promise<void> | undefined {
    return this.#ask(
      subject,
      budgets.map((budget) => [budget, 1] as const),
      false,
    );
  }

  /** Like `greet`, before a write that can wait: reserves its tokens, of small budgets whether the subject is known or not. */
  reserve(subject: RateSubject, costs: Iterable<Cost>): Promise<void> | undefined {
    return this.#ask(subject, costs, true);
  }

  /** Takes from several budgets, from all or from none; the refusal names the longest wait. */
  take(subject: RateSubject, costs: Iterable<Cost>, own?: PersonCosts): Refusal | undefined {
    const now = this.#now();
    const wanted = [...costs].map((cost) => this.#wanted(subject, cost, now));
    if (own !== undefined) for (const cost of own.costs) wanted.push(this.#wanted(own.person, cost, now));
    let longest: Wanted | undefined;
    for (const each of wanted) if (each.wait > (longest?.wait ?? 0)) longest = each;
    if (longest !== undefined) return overRate(longest.wait, longest.of);
    for (const {
      subject: limiter,
      name,
      isLocal,
      count,
      granted,
      rate,
      key,
      bucket = this.#bucket(key, now),
    } of wanted) {
      // What has refilled since is not worth telling.
      if (bucket.fullAt <= now) {
        bucket.untold = 0;
        bucket.told = 0;
      }
      bucket.granted = grantedNow(bucket, now, rate) - granted;
      bucket.fullAt = taken(bucket.fullAt, now, rate, count - granted);
      bucket.untold += count - granted;
      // Not awaited: nobody waits for the limiter.
      if (!isLocal && isWorthTelling(bucket, rate)) void this.#tell(limiter, name, rate, bucket);
    }
    return undefined;
  }

  /** What one cost takes from which bucket, and how long until it can. */
  #wanted(of: RateSubject | PersonSubject, [budget, count]: Cost, now: number): Wanted {
    const person = typeof of === "string" ? undefined : of;
    const subject = typeof of === "string" ? of : of.subject;
    const name = `${budget}${person?.suffix ?? ""}`;
    const rate = this.rateOf(budget);
    const key = keyOf(subject, name);
    const bucket = this.#buckets.get(key);
    return {
      of: person === undefined ? "address" : "person",
      subject,
      name,
      isLocal: person?.isLocal ?? false,
      count,
      granted: Math.min(count, bucket === undefined ? 0 : grantedNow(bucket, now, rate)),
      rate,
      key,
      bucket,
      wait: waitHere(bucket, now, rate, count),
    };
  }

  rateOf(budget: string): Rate {
    return this.#rates[budget] ?? DEFAULT_RATE;
  }

  #ask(subject: RateSubject, costs: Iterable<Cost>, everyTime: boolean): Promise<void> | undefined {
    const now = this.#now();
    if (now < this.#downUntil) return undefined;
    const answers: Promise<void>[] = [];
    for (const [budget, most] of costs) {
      const rate = this.rateOf(budget);
      const count = Math.min(most, rate.burst);
      if (rate.every === 0 || count === 0) continue;
      const key = keyOf(subject, budget);
      const bucket = this.#buckets.get(key);
      const exact = everyTime && rate.burst < SMALL_BURST;
      // Refused by what is known here.
      if (waitHere(bucket, now, rate, count) > 0) continue;
      if (exact && bucket !== undefined && grantedNow(bucket, now, rate) >= count) continue;
      // Those that come meanwhile wait for the same answer, and so keep their order.
      if (!exact && bucket?.asking !== undefined) answers.push(bucket.asking);
      else if (exact || bucket === undefined || now - bucket.answeredAt > KNOWN_MS) {
        answers.push(this.#grant(subject, budget, rate, count, bucket ?? this.#bucket(key, now)));
      }
    }
    return answers.length === 0 ? undefined : this.#bounded(answers);
  }

  /** Resolves when all have answered, at most after `ASK_MS`; then, or when one fails, the limiter counts as down. */
  async #bounded(answers: readonly Promise<void>[]): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`No answer within ${ASK_MS} ms`)), ASK_MS);
    try {
      await Promise.race([Promise.all(answers), late.promise]);
    } catch (error) {
      this.#downUntil = this.#now() + DOWN_MS;
      this.#complain(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #grant(subject: RateSubject, budget: string, rate: Rate, count: number, bucket: Bucket): Promise<void> {
    const granting = this.#learn(subject, budget, rate, count, bucket);
    const done = (): void => {
      if (bucket.asking === granting) bucket.asking = undefined;
    };
    bucket.asking ??= granting;
    void granting.then(done, done);
    return granting;
  }

  async #learn(subject: RateSubject, budget: string, rate: Rate, count: number, bucket: Bucket): Promise<void> {
    const limiter = this.#limiters.getByName(subject);
    const begun = this.#now();
    const { untold } = bucket;
    bucket.untold = 0;
    // Calls by one stub arrive in order, so that the answer counts all that was taken here.
    const [, wait, owed] = await Promise.all([
      untold > 0 ? limiter.charge(budget, rate, untold) : 0,
      limiter.take(budget, rate, count),
      limiter.charge(budget, rate, 0),
    ]);
    this.#correct(bucket, rate, owed, begun);
    if (wait !== 0) return;
    bucket.granted = grantedNow(bucket, this.#now(), rate) + count;
    bucket.told += untold + count;
  }

  /** Takes in how long the limiter's bucket needs to be full, counted from the question: a slow answer delays nobody. */
  #correct(bucket: Bucket, rate: Rate, owed: number, begun: number): void {
    // What was taken since is not in the answer.
    const since = owed > 0 ? bucket.untold * rate.every : 0;
    bucket.fullAt = atLeast(bucket.fullAt, begun, rate, owed + since);
    bucket.answeredAt = this.#now();
  }

  #bucket(key: string, now: number): Bucket {
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const bucket: Bucket = {
      fullAt: 0,
      granted: 0,
      answeredAt: -Infinity,
      asking: undefined,
      untold: 0,
      told: 0,
      telling: 0,
    };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #sweep(now: number): void {
    for (const [key, { fullAt, asking }] of this.#buckets) {
      if (fullAt <= now && asking === undefined) this.#buckets.delete(key);
    }
    // Some at a time, and not at every new one: a sweep looks at all of them.
    let surplus = this.#buckets.size < MOST ? 0 : MOST / 8;
    for (const key of this.#buckets.keys()) {
      if (surplus-- <= 0) break;
      this.#buckets.delete(key);
    }
    this.#sweepAt = Math.min(MOST, Math.max(FEW, this.#buckets.size * 2));
  }

  /** Tells the limiter, unless that is under way: then what gathers meanwhile is told together. Never rejects. */
  async #tell(subject: RateSubject, budget: string, rate: Rate, bucket: Bucket): Promise<void> {
    while (isWorthTelling(bucket, rate)) {
      const begun = this.#now();
      if (begun - bucket.telling < PATIENCE) return;
      const count = bucket.untold;
      bucket.untold = 0;
      bucket.told += count;
      bucket.telling = begun;
      const owed = await this.#charge(subject, budget, rate, count);
      if (owed !== undefined) this.#correct(bucket, rate, owed, begun);
      // It may have taken so long that another has begun.
      if (bucket.telling !== begun) return;
      bucket.telling = 0;
    }
  }

  /** How long until the limiter's bucket is full; undefined where it cannot be asked. */
  async #charge(subject: RateSubject, budget: string, rate: Rate, count: number): Promise<number | undefined> {
    try {
      return await this.#limiters.getByName(subject).charge(budget, rate, count);
    } catch (error) {
      this.#complain(error);
      return undefined;
    }
  }

  #complain(error: unknown): void {
    if (this.#now() - this.#complainedAt < COMPLAIN_EVERY) return;
    this.#complainedAt = this.#now();
    console.warn("roomcast: the rate limiter cannot be reached; the room counts by itself", error);
  }
}

function keyOf(subject: RateSubject, budget: string): string {
  return `${budget} ${subject}`;
}

/** Reserved tokens lapse as what they took refills, so that with them nobody ever has more than a burst at once. */
function grantedNow({ granted, fullAt }: Bucket, now: number, { every }: Rate): number {
  return Math.min(granted, Math.ceil(Math.max(0, fullAt - now) / every));
}

/** How long until the copy lets `count` tokens through, in milliseconds; 0: now. */
function waitHere(bucket: Bucket | undefined, now: number, rate: Rate, count: number): number {
  if (count > rate.burst && rate.every > 0) return Infinity;
  const rest = count - (bucket === undefined ? 0 : grantedNow(bucket, now, rate));
  return rest <= 0 ? 0 : waitFor(bucket?.fullAt ?? 0, now, rate, rest);
}

/**
 * Whether to tell the limiter. Of a large budget not before as much has gathered as it knows already, so that it knows
 * of half of what passed, and people who type, whose bucket refills between two keys, cause no calls.
 */
function isWorthTelling({ untold, told }: Bucket, { burst }: Rate): boolean {
  return untold >= (burst < SMALL_BURST ? 1 : Math.min(burst * TELL_AT, told + 2));
}
