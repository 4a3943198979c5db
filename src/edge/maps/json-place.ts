/** Where a text stops being JSON. Lines and columns count from 1, columns in UTF-16 units. */
export interface JsonPlace {
  readonly line: number;
  readonly column: number;
}

const TOKEN =
  /[\t\n\r ]*(?:([[\]{},:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null))/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/**
 * The first token that JSON has no place for; its end where the text ends too early. For a text that `JSON.parse`
 * refuses: its message names a position for some faults only. Not recursive, so depth does not matter.
 */
export function jsonPlace(text: string): JsonPlace {
  const open: ("[" | "{")[] = [];
  let expected: Expected = "value";
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const next: Expected | undefined = match === null ? undefined : afterToken(expected, open, match);
    if (match === null || next === undefined) {
      const blank = /[\t\n\r ]*/y;
      blank.lastIndex = at;
      blank.exec(text);
      return placeOf(text, blank.lastIndex);
    }
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** What may come after a token, undefined where the token itself may not come. */
function afterToken(expected: Expected, open: ("[" | "{")[], [, sign, string]: RegExpExecArray): Expected | undefined {
  const value = expected === "value" || expected === "value or ]";
  if (sign === "[" || sign === "{") {
    if (!value) return undefined;
    open.push(sign);
    return sign === "[" ? "value or ]" : "key or }";
  }
  if (sign === "]" || sign === "}") {
    const empty = sign === "]" ? "value or ]" : "key or }";
    if (expected !== empty && expected !== ", or end") return undefined;
    return open.pop() === (sign === "]" ? "[" : "{") ? ", or end" : undefined;
  }
  if (sign === ":") return expected === ":" ? "value" : undefined;
  if (sign === ",") {
    if (expected !== ", or end" || open.length === 0) return undefined;
    return open.at(-1) === "[" ? "value" : "key";
  }
  if (expected === "key" || expected === "key or }") return string === undefined ? undefined : ":";
  return value ? ", or end" : undefined;
}

function placeOf(text: string, at: number): JsonPlace {
  const before = text.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}
