/** A piece of a text: as it is, or an address to which it leads. */
export interface Piece {
  readonly text: string;
  readonly href?: string;
  /** The site's name as the network knows it, where the text spells it with other letters than a to z. */
  readonly site?: string;
}

/** What turns the direction of writing ends an address, which could read as another by it. */
const IN_ADDRESS = String.raw`[^\s<>"'\x60\\\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`;
/** Part of a host's name. Only a to z: with other letters a name could read as that of another site. */
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const WORD_BEGINS = String.raw`(?<=^|[\s"',;…\p{Ps}\p{Pi}、，。]|(?<![\p{L}\p{N}])[*_]{1,3})`;
const HOST = String.raw`(?:${LABEL}\.)+[a-z]{2,63}`;
const PORT = String.raw`(?::\d{1,5})?`;
/**
 * Addresses with `http:` or `https:`, and without: hosts that begin with `www.`, and hosts that a path, a query or a fragment
 * follows. The latter stand at the beginning of a word, so that `me@example.com/x`, `ftp://example.com/x` and
 * `javascript:example.com/x` are text.
 */
const ADDRESS = new RegExp(
  [
    String.raw`(?<![\p{L}\p{N}])https?:\/\/${IN_ADDRESS}+`,
    String.raw`${WORD_BEGINS}www\.${HOST}(?!\.*[\p{L}\p{N}_@-])${PORT}(?:[/?#]${IN_ADDRESS}*)?`,
    String.raw`${WORD_BEGINS}${HOST}${PORT}[/?#]${IN_ADDRESS}*`,
  ].join("|"),
  "giu",
);
/** Names of files rather than of sites: `node.js/express`, `README.md/`. */
const FILES =
  /\.(?:c|cpp|cs|css|csv|go|h|html?|java|jpe?g|js|json|jsx|lock|log|md|mjs|pdf|png|py|rb|rs|sh|sql|svg|toml|ts|tsx|txt|xml|ya?ml)$/i;
/** Ends a sentence more often than an address. */
const TRAILING = /[.,:;!?*_~…]+$/;
const PAIRS: readonly (readonly [string, string])[] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
];

/**
 * A text with the web addresses in it. Only what a URL parser takes as http or https: nothing else, such as
 * `javascript:`, can become a link. An address with a user's name in it (`https://bank.example@evil.example`) leads
 * elsewhere than it reads, and stays text.
 */
export function withLinks(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trim(match[0]);
    const url = toUrl(address);
    if (url === undefined) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    const site = hasForeignHost(address) ? { site: url.host } : {};
    pieces.push({ text: address, href: url.href, ...site });
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

function toUrl(address: string): URL | undefined {
  const whole = /^https?:\/\//i.test(address);
  if (!whole && FILES.test(/^[^/?#:]*/.exec(address)?.[0] ?? "")) return undefined;
  const full = whole ? address : `https://${address}`;
  if (!URL.canParse(full)) return undefined;
  const url = new URL(full);
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && url.username === "" && url.password === "" ? url : undefined;
}

function hasForeignHost(address: string): boolean {
  return /[^\x00-\x7f]/.test(/^(?:https?:\/\/)?([^/?#]*)/i.exec(address)?.[1] ?? "");
}
