import { formatVersion, type Position } from "../protocol/position.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { Conditions, Versions } from "./api.ts";

/** What a write demands, one way or the other. */
export interface Demands {
  readonly ifVersion?: string;
  readonly conditions?: Conditions;
}

/** Where a room stands in the turn that writes, with what is staged before. */
export interface Standing extends Position {
  /** The state as JSON; asked for at number 0 only. */
  readonly text: () => string;
}

/** Why a write may not be, by what it demands. */
export function unmet({ ifVersion, conditions = {} }: Demands, now: Standing): Refusal | undefined {
  const version = formatVersion(now);
  const { match, noneMatch, blank } = conditions;
  const is = (versions: Versions): boolean =>
    versions === "*" ? blank === undefined || now.seq > 0 || now.text() !== blank : versions.includes(version);
  if (ifVersion !== undefined && !is([ifVersion])) {
    return refuse("version_mismatch", `Expected version ${ifVersion}, but the room is at ${version}.`);
  }
  if ((match === undefined || is(match)) && (noneMatch === undefined || !is(noneMatch))) return undefined;
  return refuse("version_mismatch", `The room is at version ${version}.`);
}
