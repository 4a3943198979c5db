import { expect, test } from "vitest";
import { parseBlocks } from "./blocks.ts";

test("fences are found with their language, their line and the comment before them", () => {
  const text = [
    "# T",
    "```ts",
    "const a = 1;",
    "```",
    "",
    "<!-- check: none -->",
    "",
    "  ```ts",
    "  x",
    "  ```",
    "````",
    "```ts",
    "````",
  ];
  expect(parseBlocks("P.md", text.join("\n"))).toEqual([
    { at: "P.md:2", language: "ts", code: "const a = 1;\n", check: undefined },
    { at: "P.md:8", language: "ts", code: "x\n", check: "none" },
    { at: "P.md:11", language: "", code: "```ts\n", check: undefined },
  ]);
});

test("a comment counts for the next block only", () => {
  const text = "<!-- check: none -->\nText between.\n```ts\n1;\n```\n";
  expect(parseBlocks("P.md", text)[0]?.check).toBeUndefined();
});
