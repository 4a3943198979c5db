import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Conditions } from "../room/api.ts";

/** The longest If-Match or If-None-Match that is read: some hundreds of versions. */
const HEADER_UNITS = 8_192;

/** One entity tag of a list. Versions are strong; a proxy that re-encodes may have made one weak. */
export interface Tag {
  readonly weak: boolean;
  readonly value: string;
}

export type TagList = "*" | readonly Tag[];

/** What a request demands of the room's version (RFC 9110, section 13). */
export interface Preconditions {
  readonly match?: TagList;
  readonly noneMatch?: TagList;
}

/** Where the room is. `exists` is false for a room that holds nothing yet, which `*` asks about. */
export interface Standing {
  readonly version: string;
  readonly exists: boolean;
}

export function etag(version: string): string {
  return `"${version}"`;
}

/** If-Match and If-None-Match; refused when they are not lists of entity tags. */
export function readPreconditions(headers: Headers): Preconditions | Refusal {
  const match = readTags(headers, "if-match");
  if (match instanceof Refusal) return match;
  const noneMatch = readTags(headers, "if-none-match");
  if (noneMatch instanceof Refusal) return noneMatch;
  return { ...(match === undefined ? {} : { match }), ...(noneMatch === undefined ? {} : { noneMatch }) };
}

/** `*`, or entity tags separated by commas; undefined when it is neither. */
export function parseTags(header: string): TagList | undefined {
  if (header.trim() === "*") return "*";
  const tags: Tag[] = [];
  // Possibly empty elements, as every list of HTTP may have. No two neighbours take the same character: else what is
  // none would be tried in as many ways as its length squared.
  const element = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)/y;
  while (element.lastIndex < header.length) {
    const found = element.exec(header);
    if (found === null) return undefined;
    if (found[2] !== undefined) tags.push({ weak: found[1] !== undefined, value: found[2] });
  }
  return tags.length === 0 ? undefined : tags;
}

/** What a read comes to. If-Match is looked at first, as RFC 9110 says. */
export function judgeRead(asked: Preconditions, now: Standing): "go" | "not_modified" | "failed" {
  if (asked.match !== undefined && !matchesStrongly(asked.match, now)) return "failed";
  if (asked.noneMatch !== undefined && matchesWeakly(asked.noneMatch, now)) return "not_modified";
  return "go";
}

/** What a write asks its room to judge; undefined when nothing is asked. If-Match compares strongly, so weak tags match nothing. */
export function conditionsOf({ match, noneMatch }: Preconditions, blank: string | undefined): Conditions | undefined {
  if (match === undefined && noneMatch === undefined) return undefined;
  const values = (tags: readonly Tag[]): readonly string[] => tags.map(({ value }) => value);
  return {
    ...(match === undefined ? {} : { match: match === "*" ? match : values(match.filter(({ weak }) => !weak)) }),
    ...(noneMatch === undefined ? {} : { noneMatch: noneMatch === "*" ? noneMatch : values(noneMatch) }),
    ...(blank === undefined ? {} : { blank }),
  };
}

export function failed({ version }: Standing): Refusal {
  return refuse("version_mismatch", `The room is at version ${version}.`);
}

/** What to say of an If-Match that can match nothing, because all of its tags are weak. */
export function weakMatch({ match }: Preconditions): Refusal | undefined {
  if (match === undefined || match === "*" || match.some(({ weak }) => !weak)) return undefined;
  return refuse(
    "version_mismatch",
    'If-Match compares strongly, so a weak tag (W/"...") matches nothing. Send the ETag without W/; where a proxy made it weak, keep ' +
      "it from compressing these responses.",
  );
}

function matchesStrongly(tags: TagList, now: Standing): boolean {
  return tags === "*" ? now.exists : tags.some(({ weak, value }) => !weak && value === now.version);
}

function matchesWeakly(tags: TagList, now: Standing): boolean {
  return tags === "*" ? now.exists : tags.some(({ value }) => value === now.version);
}

function readTags(headers: Headers, name: string): TagList | undefined | Refusal {
  const header = headers.get(name);
  if (header === null) return undefined;
  if (header.length > HEADER_UNITS)
    return refuse("bad_request", `The header ${name} may have ${HEADER_UNITS} characters.`);
  return parseTags(header) ?? refuse("bad_request", `The header ${name} is "*" or a list of entity tags in quotes.`);
}
