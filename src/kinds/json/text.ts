/** Strings whole, signs, and everything else that stands together. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

/** Lines are moved in no further than this, or the text of what is nested deeply would be its depth times as long. */
const MOST_INDENTS = 64;

/** A member of an object, as it was written. */
export interface Member {
  readonly name: string;
  /** The text of its value. */
  readonly value: string;
  /** Its name, colon and value. */
  readonly text: string;
}

/** The members of a JSON object as they were written, in their order, those under one name too. `json` must be the text of an object. */
export function membersOf(json: string): readonly Member[] {
  const members: Member[] = [];
  let depth = 0;
  let start = 0;
  let name: string | undefined;
  let valueAt = 0;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (opens(token)) {
      depth += 1;
      if (depth === 1) start = index + 1;
    } else if (closes(token)) depth -= 1;
    else if (depth === 1 && token === ":") valueAt = index + 1;
    else if (depth === 1 && name === undefined && token.startsWith('"')) name = JSON.parse(token) as string;
    if (depth > 1 || (depth === 1 && token !== ",")) continue;
    if (name !== undefined) {
      members.push({ name, value: json.slice(valueAt, index).trim(), text: json.slice(start, index).trim() });
    }
    name = undefined;
    start = index + 1;
  }
  return members;
}

/** JSON over lines, for people: every name, number and string as it was written. `json` must be JSON. */
export function indented(json: string): string {
  const lines: string[] = [];
  let line = "";
  let depth = 0;
  let before = "";
  const next = (): void => {
    lines.push(line);
    line = "  ".repeat(Math.min(depth, MOST_INDENTS));
  };
  for (const [token] of json.matchAll(TOKEN)) {
    if (closes(token)) depth -= 1;
    if (closes(token) ? !opens(before) : opens(before) || before === ",") next();
    line += token === ":" ? ": " : token;
    if (opens(token)) depth += 1;
    before = token;
  }
  return [...lines, line].join("\n");
}

function opens(token: string): boolean {
  return token === "{" || token === "[";
}

function closes(token: string): boolean {
  return token === "}" || token === "]";
}
