import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
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

/** One person, who has buckets besides those of the address. */
export interface PersonSubject {
  /** Whose RateLimiter object holds the person's buckets. */
  readonly subject: RateSubject;
  /** Added to the name of each bucket, where the object holds the buckets of several people. */
  readonly suffix: string;
  /** The person exists in this room only, so no limiter is told. */
  readonly isLocal: boolean;
}

/** A signed-in user has an object of their own, so that the buckets are the same at every address. */
export function userSubject(id: string): PersonSubject {
  return { subject: `user:${id}`, suffix: "", isLocal: false };
}

/**
 * A guest's buckets are in the object of the address: anybody can be any number of guests, so an object for each would
 * let one program create objects at will, and a guest who changes the address could as well change the secret.
 */
export function guestSubject(address: RateSubject, secretHash: string): PersonSubject {
  return { subject: address, suffix: ` guest:${secretHash}`, isLocal: false };
}

/** Somebody without a name that outlives the connection, as in the simple wire formats. */
export function connectionSubject(address: RateSubject, id: string): PersonSubject {
  return { subject: address, suffix: ` connection:${id}`, isLocal: true };
}

/** The hash of a guest's secret: the same in every room, unlike a pseudonym, and so never sent to anybody. */
export function hashGuestSecret(secret: string): string {
  return bytesToHex(sha256(utf8ToBytes(`roomcast guest ${secret}`))).slice(0, 16);
}
