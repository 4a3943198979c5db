import { refuse, type Refusal } from "./refusal.ts";

/**
 * How often one network address, or one person, may do something: `burst` times at once, then once every `every`
 * milliseconds. With an `every` of 0 as often as they like.
 */
export interface Rate {
  readonly burst: number;
  readonly every: number;
}

/** Of a budget for which nobody has said otherwise: far more than people who type and drag can use up. */
export const DEFAULT_RATE: Rate = { burst: 1_000, every: 5 };

/** `wait` in milliseconds; Infinity for more at once than the bucket ever holds. */
export function overRate(wait: number, of: "address" | "person" = "address"): Refusal {
  if (!Number.isFinite(wait)) {
    const who = of === "address" ? "one network address" : "one person";
    return refuse("too_many_requests", `More at once than ${who} may ever do.`);
  }
  const seconds = Math.ceil(wait / 1000);
  const message =
    of === "address"
      ? `This network address is over its rate; wait ${seconds} s.`
      : `You are sending faster than the rate allows; wait ${seconds} s.`;
  return refuse("too_many_requests", message, { retryAfter: Math.ceil(wait) });
}
