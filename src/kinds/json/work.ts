import type { Limits } from "../../protocol/limits.ts";

/*
 * What a mutation's steps cost, in a unit that is about a nanosecond. Counted rather than timed, so that the same
 * mutation is refused everywhere and always.
 */

/** An element of an array that is copied with it. */
export const COPIED_ELEMENT = 2;
/** A member of an object that is copied with it: a wide object is a hash table. */
export const COPIED_MEMBER = 500;
/** An element that moves because another comes or goes before it. */
export const SHIFTED_ELEMENT = 1;
/** An element or a member that is looked at, to compare or to find it. */
export const LOOKED_AT = 100;
/** An element that is passed over because it is the very same. */
export const PASSED = 2;
/** A byte that is written as text to be counted. */
export const MEASURED_BYTE = 10;
/** A byte of a value that a JSON Patch copies: the whole budget for as much as a document may have. */
export const COPIED_BYTE = 250;

/** A small document's mutations need not cost little. */
const LEAST = 1024 * 1024;

/** What one mutation may cost: about a quarter of a second for a document of 1 MiB. */
export function budget({ stateBytes }: Pick<Limits, "stateBytes">): number {
  return COPIED_BYTE * Math.max(stateBytes, LEAST);
}
