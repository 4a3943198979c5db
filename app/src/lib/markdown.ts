import { withLinks, withoutVoids } from "./links.ts";

/** A piece of a line: text, a link, code, or emphasis with pieces in it. Never HTML. */
export type Span =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "link"; readonly text: string; readonly href: string; readonly site?: string }
  | { readonly type: "em" | "strong"; readonly spans: readonly Span[] };

export type Block =
  | { readonly type: "text"; readonly spans: readonly Span[] }
  | { readonly type: "code"; readonly text: string };

/**
 * What of Markdown a message may have: `code`, blocks of code between lines of three backticks, *emphasis*, _emphasis_,
 * **strong emphasis**, and links that read as what they lead to. A marker that formats nothing is text, and so is
 * everything else: `[text](address)` could read as another site, and HTML is what somebody wrote about.
 */
export function parseMessage(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let words: string[] = [];
  const flush = (): void => {
    const joined = withoutVoids(words.join("\n"));
    words = [];
    // The line breaks beside a block of code are its own.
    if (joined.trim() !== "") blocks.push({ type: "text", spans: parseSpans(joined) });
  };
  const lines = text.split("\n");
  const closing = closingFences(lines);
  for (let at = 0; at < lines.length; at += 1) {
    const end = closing.get(at);
    if (end === undefined) {
      words.push(lines[at] ?? "");
    } else {
      flush();
      blocks.push({ type: "code", text: lines.slice(at + 1, end).join("\n") });
      at = end;
    }
  }
  flush();
  return blocks.length > 0 ? blocks : [{ type: "text", spans: [{ type: "text", text }] }];
}

const FENCE = /^ {0,3}(`{3,})[^\S\n]*[^`\n]*$/;

/** By the number of a line that opens a block of code, the line that closes it. A fence that nothing closes is text. */
function closingFences(lines: readonly string[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let open: { readonly at: number; readonly ticks: number } | undefined;
  for (const [at, line] of lines.entries()) {
    const ticks = FENCE.exec(line)?.[1]?.length;
    if (ticks === undefined) continue;
    if (open === undefined) {
      open = { at, ticks };
    } else if (ticks >= open.ticks && /^[`\s]*$/.test(line)) {
      // An empty block shows nothing, so its fences are text.
      if (lines.slice(open.at + 1, at).some((inside) => inside.trim() !== "")) found.set(open.at, at);
      open = undefined;
    }
  }
  return found;
}

type Marker = "*" | "_" | "**";

type Token =
  | { readonly type: "span"; readonly span: Span }
  | {
      readonly type: "marker";
      marker: Marker;
      /** The first half of `***`. */
      readonly triple: boolean;
      readonly opens: boolean;
      readonly closes: boolean;
    };

/** Emphasis within emphasis goes no deeper. */
const DEEPEST = 4;

function parseSpans(text: string): readonly Span[] {
  const tokens = tokenize(text);
  return build(tokens, pairsOf(tokens), 0, tokens.length, 0);
}

/** Code first, then links: neither has emphasis in it. */
function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const { at, length, code } of codeSpans(text)) {
    tokenizeWords(text, end, at, tokens);
    tokens.push({ type: "span", span: { type: "code", text: code } });
    end = at + length;
  }
  tokenizeWords(text, end, text.length, tokens);
  return tokens;
}

interface CodeSpan {
  readonly at: number;
  readonly length: number;
  readonly code: string;
}

/** From a run of backticks to the next run of as many. */
function codeSpans(text: string): readonly CodeSpan[] {
  const runs = [...text.matchAll(/`+/g)];
  const byLength = new Map<number, RegExpExecArray[]>();
  for (const run of runs) {
    const alike = byLength.get(run[0].length);
    if (alike === undefined) byLength.set(run[0].length, [run]);
    else alike.push(run);
  }
  const spans: CodeSpan[] = [];
  let end = 0;
  for (const { 0: ticks, index } of runs) {
    if (index < end) continue;
    const alike = byLength.get(ticks.length) ?? [];
    // Runs before this one close nothing any more.
    while (alike[0] !== undefined && alike[0].index <= index) alike.shift();
    const [close] = alike;
    if (close === undefined) continue;
    const inside = text.slice(index + ticks.length, close.index);
    if (inside.trim() === "" || inside.includes("\n\n")) continue;
    end = close.index + ticks.length;
    // One space beside the backticks is there so that code may begin and end with one.
    const code = /^ .* $/s.test(inside) ? inside.slice(1, -1) : inside;
    spans.push({ at: index, length: end - index, code });
  }
  return spans;
}

function tokenizeWords(text: string, from: number, to: number, tokens: Token[]): void {
  let at = from;
  for (const { text: piece, href, site } of withLinks(text.slice(from, to))) {
    if (href === undefined) tokenizeMarkers(text, at, at + piece.length, tokens);
    else tokens.push({ type: "span", span: { type: "link", text: piece, href, ...(site !== undefined && { site }) } });
    at += piece.length;
  }
}

/** A script that is written without spaces: emphasis may begin and end between two of its letters. */
const UNSPACED = String.raw`\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}`;
/** Before a marker that opens. Not every punctuation: `¯\_(ツ)_/¯`, `>_<`, `2*3*4` and `snake_case` are text. */
const BEFORE = new RegExp(String.raw`[\s([{"'“‘«¿¡*_—–${UNSPACED}]`, "u");
/** After a marker that closes. */
const AFTER = new RegExp(String.raw`[\s)\]}"'”’».,:;!?…*_—–${UNSPACED}-]`, "u");

function tokenizeMarkers(text: string, from: number, to: number, tokens: Token[]): void {
  let end = from;
  const words = (upTo: number): void => {
    if (upTo > end) tokens.push({ type: "span", span: { type: "text", text: text.slice(end, upTo) } });
  };
  for (const { 0: run, index } of text.slice(from, to).matchAll(/\*+|_+/g)) {
    const at = from + index;
    const markers = MARKERS[run];
    if (markers === undefined) continue;
    const before = text[at - 1] ?? " ";
    const after = text[at + run.length] ?? " ";
    const opens = BEFORE.test(before) && !/\s/.test(after);
    const closes = AFTER.test(after) && !/\s/.test(before);
    if (!opens && !closes) continue;
    words(at);
    for (const [half, marker] of markers.entries()) {
      tokens.push({ type: "marker", marker, triple: half === 0 && markers.length > 1, opens, closes });
    }
    end = at + run.length;
  }
  words(to);
}

const MARKERS: Readonly<Record<string, readonly Marker[]>> = { "*": ["*"], _: ["_"], "**": ["**"], "***": ["**", "*"] };

/** By the number of a token that opens emphasis, the number of the one that closes it. */
function pairsOf(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  let open: { readonly at: number; readonly marker: Marker }[] = [];
  /** The last token with something in it that is worth emphasis. */
  let content = -1;
  for (const [at, token] of tokens.entries()) {
    if (token.type === "span") {
      if (token.span.type === "text" && token.span.text.includes("\n\n")) open = [];
      if (token.span.type !== "text" || /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(token.span.text)) content = at;
      continue;
    }
    if (token.triple && token.closes) endInnerFirst(token, tokens[at + 1], open.at(-1)?.marker);
    const opener = token.closes ? open.findLastIndex(({ marker }) => marker === token.marker) : -1;
    const begun = open[opener]?.at;
    if (begun !== undefined && content > begun) {
      pairs.set(begun, at);
      // What was opened in between and not closed is text.
      open.length = opener;
    } else if (token.opens && open.length < MOST_OPEN) {
      open.push({ at, marker: token.marker });
    }
  }
  return pairs;
}

/** Of `***`, the half that closes what was opened last comes first. */
function endInnerFirst(first: Token, second: Token | undefined, innermost: Marker | undefined): void {
  if (first.type !== "marker" || second?.type !== "marker" || second.marker !== innermost) return;
  [first.marker, second.marker] = [second.marker, first.marker];
}

/** Markers that wait for the one that closes them; a text of nothing but markers costs no more. */
const MOST_OPEN = 64;

function build(
  tokens: readonly Token[],
  pairs: ReadonlyMap<number, number>,
  from: number,
  to: number,
  depth: number,
): readonly Span[] {
  const spans: Span[] = [];
  const add = (span: Span): void => {
    const last = spans.at(-1);
    if (span.type === "text" && last?.type === "text")
      spans[spans.length - 1] = { type: "text", text: last.text + span.text };
    else spans.push(span);
  };
  for (let at = from; at < to; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.type === "span") {
      add(token.span);
      continue;
    }
    const end = depth < DEEPEST ? pairs.get(at) : undefined;
    if (end === undefined) {
      add({ type: "text", text: token.marker });
    } else {
      add({ type: token.marker === "**" ? "strong" : "em", spans: build(tokens, pairs, at + 1, end, depth + 1) });
      at = end;
    }
  }
  return spans;
}
