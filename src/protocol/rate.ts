import { refuse, type Refusal } from "./refusal.ts";

/**
 * How often one network address may do something: `burst` times at once, then once every `every` milliseconds. With
 * an `every` of 0 as often as it likes.
 */
export interface Rate {
  readonly burst: number;
  readonly every: number;
}

/** Of a budget for which nobody has said otherwise: far more than people who type and drag can use up. */
export const DEFAULT_RATE: Rate = { burst: 1_000, every: 5 };

/** `wait` in milliseconds; Infinity for more at once than there may ever be. */
export function overRate(wait: number): Refusal {
  if (!Number.isFinite(wait)) return refuse("too_many_requests", "More at once than one network address may ever do.");
  return refuse("too_many_requests", `This network address is over its rate; wait ${Math.ceil(wait / 1000)} s.`, {
    retryAfter: Math.ceil(wait),
  });
}
