import { expect, test } from "vitest";
import page from "../../docs/http.md?raw";
import { edge } from "../worker/edge.ts";
import { recipesOf } from "./recipes.ts";

/** Each shell block of the page, with the JSON that the page says it answers. */
const blocks = Array.from(page.matchAll(/```sh\n(.*?)```(?:\n\n```json\n(.*?)\n```)?/gs), ([, code = "", answer]) => ({
  recipes: recipesOf(code),
  answer,
}));

/** The command that is there to show a refusal. */
const REFUSED = '"long.ago"';

test("the commands of docs/http.md work in their order, and answer as the page says", async () => {
  const { fetch } = edge();
  const count = blocks.flatMap(({ recipes }) => recipes).length;
  expect(count).toBeGreaterThan(15);
  const wrong: unknown[] = [];
  for (const { recipes, answer } of blocks) {
    let text = "";
    for (const { path, init } of recipes) {
      const response = await fetch(path, init);
      const right = init.headers["if-match"] === REFUSED ? response.status === 412 : response.ok;
      if (!right) wrong.push(`${init.method} ${path}: ${response.status}`);
      const events = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (events) await response.body?.cancel();
      else text = await response.text();
    }
    if (answer !== undefined && !sameShape(text, answer)) wrong.push({ answered: text, documented: answer });
  }
  expect(wrong).toEqual([]);
});

function sameShape(one: string, other: string): boolean {
  return JSON.stringify(shapeOf(JSON.parse(one))) === JSON.stringify(shapeOf(JSON.parse(other)));
}

/** JSON with each value replaced by its type: versions and times differ from those on the page. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  const entries = Object.entries(value).map(([key, member]) => [key, shapeOf(member)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
