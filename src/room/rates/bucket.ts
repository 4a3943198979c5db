import type { Rate } from "../../protocol/rate.ts";

/**
 * A token bucket is one number: when it will be full again, in milliseconds since 1970. A bucket that is full
 * already says the same as none, so it need not be kept.
 */
export type FullAt = number;

/** Nobody owes more than this many times the burst, however many rooms let somebody through at once. */
const DEBT = 2;

/** How long until `count` tokens can be taken, in milliseconds; 0: now. Infinity for more than the bucket holds. */
export function waitFor(fullAt: FullAt, now: number, { burst, every }: Rate, count: number): number {
  if (every === 0) return 0;
  if (count > burst) return Infinity;
  return Math.max(0, fullAt - now + (count - burst) * every);
}

/** The bucket once `count` tokens are taken out, whether or not they were there. */
export function taken(fullAt: FullAt, now: number, { burst, every }: Rate, count: number): FullAt {
  return Math.min(Math.max(fullAt, now) + count * every, now + DEBT * burst * every);
}

/** The same moment or later, but never later than a bucket can say: what another clock or another object told. */
export function atLeast(fullAt: FullAt, now: number, { burst, every }: Rate, owed: number): FullAt {
  if (!(owed > 0)) return fullAt;
  return Math.max(fullAt, now + Math.min(owed, DEBT * burst * every));
}

/** Throws TypeError for a rate that cannot be kept. */
export function checkRate(name: string, { burst, every }: Rate): void {
  if (burst >= 1 && every >= 0 && Number.isFinite(every) && (Number.isFinite(burst) || every === 0)) return;
  throw new TypeError(`The rate of ${name} is a burst of 1 or more and milliseconds of 0 or more: ${burst}, ${every}.`);
}
