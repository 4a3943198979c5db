/**
 * JSON text on one line: what is between its tokens may be a line break, what is in its strings may not, so that every
 * line break is one that means nothing.
 */
export function onOneLine(json: string): string {
  // Nearly all are on one line as they come.
  if (!json.includes("\n") && !json.includes("\r")) return json.trim();
  return json.trim().replace(/[\r\n]+/g, " ");
}

/** The items of a JSON list as they were written, each on one line. `json` must be the text of a list. */
export function itemsOf(json: string): readonly string[] {
  const items: string[] = [];
  const text = json.trim();
  let depth = 0;
  let start = 1;
  // Strings whole, brackets, and the commas between items; nothing else matters.
  const token = /"(?:[^"\\]|\\.)*"|[[\]{},]/g;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [sign] = found;
    if (sign === "[" || sign === "{") depth += 1;
    else if (sign === "]" || sign === "}") depth -= 1;
    const ends = (sign === "," && depth === 1) || (sign === "]" && depth === 0);
    if (!ends) continue;
    const item = onOneLine(text.slice(start, found.index));
    if (item !== "") items.push(item);
    start = found.index + 1;
  }
  return items;
}
