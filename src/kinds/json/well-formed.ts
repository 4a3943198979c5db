/** Where JSON text spells half of a surrogate pair, perhaps: as the escape of one. */
const MAYBE = /\\u[dD][89a-fA-F]/;

/** Every escape of JSON text; a surrogate pair of two escapes is one match, so that what is left over is half of one. */
const ESCAPES = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g;

const LONE_LENGTH = String.raw`\ud800`.length;

/**
 * JSON text with U+FFFD for each lone surrogate, whether it is there itself or as its escape; the same text where there
 * is none. UTF-8 has no bytes for one, so a client that was sent it would have to close its connection.
 */
export function wellFormedJson(json: string): string {
  const text = json.isWellFormed() ? json : json.toWellFormed();
  if (!MAYBE.test(text)) return text;
  return text.replace(ESCAPES, (escape) => (escape.length === LONE_LENGTH ? String.raw`\ufffd` : escape));
}

/** Whether a string or a key of a value has a lone surrogate. Iterative: the value may be nested deeper than the stack. */
export function hasLoneSurrogate(root: unknown): boolean {
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value === "string" && !value.isWellFormed()) return true;
    if (typeof value !== "object" || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      if (!key.isWellFormed()) return true;
      stack.push(item);
    }
  }
  return false;
}
