import { expect, test } from "vitest";
import page from "../../docs/http.md?raw";
import { edge } from "../worker/edge.ts";
import { recipesOf } from "./recipes.ts";

/** Each shell block of the page, with the JSON that the page says it answers. */
const blocks = Array.from(page.matchAll(/```sh\n(.*?)```(?:\n\n```json\n(.*?)\n```)?/gs), ([, code = "", answer]) => ({
  recipes: recipesOf(code),
  answer,
}));

/** The commands that are there to show a refusal. */
const REFUSED = new Map([['"long.ago"', 412]]);

test("the commands of docs/http.md work in their order, and answer as the page says", async () => {
  const { fetch } = edge();
  expect(blocks.flatMap(({ recipes }) => recipes).length).toBeGreaterThan(15);
  for (const { recipes, answer } of blocks) {
    let text = "";
    for (const { path, init } of recipes) {
      const response = await fetch(path, init);
      const wanted = REFUSED.get(init.headers["if-match"] ?? "");
      const what = `${init.method} ${path}`;
      if (wanted === undefined) expect([what, response.ok]).toEqual([what, true]);
      else expect([what, response.status]).toEqual([what, wanted]);
      const events = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (events) await response.body?.cancel();
      else text = await response.text();
    }
    if (answer !== undefined) expect(shapeOf(JSON.parse(text))).toEqual(shapeOf(JSON.parse(answer)));
  }
});

/** JSON with each value replaced by its type: versions and times differ from those on the page. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}
