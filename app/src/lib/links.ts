/** A piece of a text: as it is, or an address to which it leads. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
}

/** What turns the direction of writing ends an address, which could read as another by it. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\\\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;
/** Ends a sentence more often than an address. */
const TRAILING = /[.,:;!?*_~…]+$/;
const PAIRS: readonly (readonly [string, string])[] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
];

/**
 * A text with the web addresses in it. Only what is written out as http or https, and only what a URL parser takes:
 * nothing else, such as `javascript:`, can come to be a link. An address with a user's name in it
 * (`https://bank.example@evil.example`) leads elsewhere than it reads, and stays text.
 */
export function withLinks(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trim(match[0]);
    const href = toHref(address);
    if (href === undefined) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** A text whose empty lines, of which a message could be full, are one at a time. */
export function withoutVoids(text: string): string {
  return text.replace(/\n(?:[^\S\n]*\n){2,}/g, "\n\n");
}

function trim(address: string): string {
  for (let before = ""; before !== address;) {
    before = address;
    address = address.replace(TRAILING, "");
    for (const [open, close] of PAIRS) {
      if (address.endsWith(close) && count(address, close) > count(address, open)) address = address.slice(0, -1);
    }
  }
  return address;
}

function count(text: string, what: string): number {
  return text.split(what).length - 1;
}

function toHref(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && url.username === "" && url.password === "" ? url.href : undefined;
}
