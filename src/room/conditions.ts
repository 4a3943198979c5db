import { formatVersion, UNBORN, type Position } from "../protocol/position.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { Conditions, Versions, WriteOptions } from "./api.ts";

/** The version of a room that has stored nothing; one that somebody has only opened is still there, by another name. */
const START = formatVersion(UNBORN);

/** What a write demands, one way or the other. */
export interface Demands {
  readonly ifVersion?: string;
  readonly conditions?: Conditions;
}

/** Why an idempotency key is none. */
export function unfitKey({ idempotencyKey: key }: WriteOptions): Refusal | undefined {
  if (key === undefined || (typeof key === "string" && /^[\x20-\x7e]{1,128}$/.test(key))) return undefined;
  return refuse("bad_request", "An idempotency key is 1 to 128 printable ASCII characters.");
}

/** Where a room stands in the turn that writes, with what is staged before. */
export interface Standing extends Position {
  /** The history has never been written to nor replaced: it stands where every history starts from. */
  readonly untouched: boolean;
  /** The state as JSON; asked for at number 0 only. */
  readonly text: () => string;
}

/** Why a write may not be, by what it demands. */
export function unmet({ ifVersion, conditions = {} }: Demands, now: Standing): Refusal | undefined {
  const version = formatVersion(now);
  const { match, noneMatch, blank } = conditions;
  const is = (versions: Versions): boolean =>
    versions === "*"
      ? blank === undefined || now.seq > 0 || now.text() !== blank
      : versions.includes(version) || (now.untouched && versions.includes(START));
  if (ifVersion !== undefined && !is([ifVersion])) {
    return refuse("version_mismatch", `Expected version ${ifVersion}, but the room is at ${version}.`);
  }
  if ((match === undefined || is(match)) && (noneMatch === undefined || !is(noneMatch))) return undefined;
  return refuse("version_mismatch", `The room is at version ${version}.`);
}
