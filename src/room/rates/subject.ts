import { networkOf } from "../../protocol/network.ts";

/**
 * Who is counted: the name of one RateLimiter object, and half of the key of a bucket. An address stands for itself,
 * without a prefix, as limiters that run already are named so. Another sort of subject, such as a signed-in user, needs
 * a prefix that no address begins with, such as `user:`.
 */
export type RateSubject = string;

export function addressSubject(address: string): RateSubject {
  return networkOf(address);
}
