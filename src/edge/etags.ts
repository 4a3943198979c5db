import { Refusal, refuse } from "../protocol/refusal.ts";

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

/**
 * The version to demand of the room when that alone says it all, so that the room need not be read
 * before it is written: undefined when nothing is demanded, `look` when its standing must be known.
 */
export function demandedVersion({ match, noneMatch }: Preconditions): { readonly version?: string } | "look" {
  if (match === undefined && noneMatch === undefined) return {};
  if (noneMatch !== undefined || match === undefined || match === "*") return "look";
  const [tag, another] = match;
  return tag !== undefined && another === undefined && !tag.weak ? { version: tag.value } : "look";
}

/**
 * What to demand of a room that was just seen standing so. `final` is false when the room may have
 * moved on without breaking the demand, so that a mismatch deserves another look.
 */
export function judgeWrite(
  asked: Preconditions,
  now: Standing,
): { readonly version?: string; readonly final: boolean } | Refusal {
  const { match, noneMatch } = asked;
  if (match !== undefined && !matchesStrongly(match, now)) {
    // The room has the last word: it knows a write that it has already applied, whatever its version then.
    const tag = match === "*" ? undefined : match.find(({ weak }) => !weak);
    return tag === undefined ? failed(now) : { version: tag.value, final: true };
  }
  if (noneMatch !== undefined && matchesWeakly(noneMatch, now)) return failed(now);
  // A room that exists does not cease to between this and the write.
  if (noneMatch === undefined && match === "*") return { final: true };
  return { version: now.version, final: false };
}

export function failed({ version }: Standing): Refusal {
  return refuse("version_mismatch", `The room is at version ${version}.`);
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
