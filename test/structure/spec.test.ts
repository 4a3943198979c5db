import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url).pathname;

const RULE = "[A-Z][0-9]{1,2}";

/** The rules of SPEC.md, in order. */
const rules = [
  ...readFileSync(`${ROOT}SPEC.md`, "utf8").matchAll(new RegExp(`^- \\*\\*(${RULE})\\*\\* \\S`, "gm")),
].map(([, rule = ""]) => rule);

/**
 * What stands first in the title of a test: after `test(`, after the table of `test.each(…)(`, as a row
 * of such a table, or as its `rules`. Rules come before anything else: "X1 X2 a mutation …".
 */
const TITLE = new RegExp(
  `(?:\\b(?:test|it)(?:\\.\\w+)*\\(|\\)\\(|^\\s*\\[|\\brules: )\\s*["'\`](?:%s )?((?:${RULE}[ ,]+)*${RULE})(?=[ "'\`])`,
  "gm",
);

/** By rule, the files whose tests name it. */
function named(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of globSync("{src,test,app,bench,examples}/**/*.test.{ts,tsx}", { cwd: ROOT })) {
    for (const [, list = ""] of readFileSync(ROOT + file, "utf8").matchAll(TITLE)) {
      for (const rule of list.split(/[ ,]+/)) {
        const files = found.get(rule) ?? new Set();
        found.set(rule, files.add(file));
      }
    }
  }
  return found;
}

test("the rules are numbered without gap or repeat within their letter", () => {
  expect(rules.length).toBeGreaterThan(60);
  expect(new Set(rules).size).toBe(rules.length);
  const highest = new Map<string, number>();
  for (const rule of rules) {
    const letter = rule.slice(0, 1);
    const number = Number(rule.slice(1));
    expect(number).toBe((highest.get(letter) ?? 0) + 1);
    highest.set(letter, number);
  }
});

test("every rule of SPEC.md is named by a test", () => {
  const found = named();
  expect(rules.filter((rule) => !found.has(rule))).toEqual([]);
});

test("every rule that a test names is one of SPEC.md", () => {
  const unknown = [...named()]
    .filter(([rule]) => !rules.includes(rule))
    .map(([rule, files]) => `${rule} in ${[...files].join(", ")}`);
  expect(unknown).toEqual([]);
});
