import { membersOf } from "../../../src/kinds/json/text.ts";

/** Members that the row shows already, or that say nothing to people. */
const PLACED = new Set(["siteId", "id", "type", "path", "at", "visitor"]);
/** As much as a row has room for, in characters. */
const MOST = 200;

/** What an event says besides its type and page, from its text: a number may say more than JavaScript can hold. */
export function restOf(data: string): string {
  if (!data.startsWith("{")) return data.slice(0, MOST);
  return membersOf(data)
    .filter(({ name }) => !PLACED.has(name))
    .flatMap(({ name, value }) => {
      if (name === "props" && value.startsWith("{")) return membersOf(value).map((prop) => pair(prop.name, prop.value));
      return [name === "referrer" && value.startsWith('"') ? `from ${plain(value)}` : pair(name, value)];
    })
    .join(" · ")
    .slice(0, MOST);
}

function pair(name: string, value: string): string {
  return `${name}: ${plain(value)}`;
}

/** A string without its quotes; anything else as it was written. */
function plain(value: string): string {
  return value.startsWith('"') ? (JSON.parse(value) as string) : value;
}
