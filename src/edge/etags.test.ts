import { describe, expect, test } from "vitest";
import { Refusal } from "../protocol/refusal.ts";
import { conditionsOf, judgeRead, parseTags, readPreconditions, type TagList } from "./etags.ts";

const strong = (...values: string[]): TagList => values.map((value) => ({ weak: false, value }));
const weak = (...values: string[]): TagList => values.map((value) => ({ weak: true, value }));
const HERE = { version: "e.5", exists: true };
const BLANK = { version: "e.0", exists: false };

describe("parseTags", () => {
  test.each<[string, TagList]>([
    ["*", "*"],
    [" * ", "*"],
    ['"e.1"', strong("e.1")],
    ['W/"e.1"', weak("e.1")],
    ['"a", W/"b","c"', [...(strong("a") as []), ...(weak("b") as []), ...(strong("c") as [])]],
    [', "a",, "b" ,', strong("a", "b")],
    ['""', strong("")],
    ['"a,b"', strong("a,b")],
    ['"*"', strong("*")],
  ])("%s", (header, tags) => expect(parseTags(header)).toEqual(tags));

  test.each([
    "",
    " ",
    ",",
    "e.1",
    '"e.1',
    'e.1"',
    'w/"e.1"',
    '"a" "b"',
    '*, "a"',
    '"a", *',
    '"a" x',
    '"a b"',
    "W/*",
    '"a"b"',
  ])("%j is no list of tags", (header) => expect(parseTags(header)).toBeUndefined());

  test("is linear in what it is given", () => {
    // Backtracking would not end within the test's time.
    expect(parseTags(`${", ".repeat(500_000)}x`)).toBeUndefined();
    const spaces = " ".repeat(1_000_000);
    expect(parseTags(`,${spaces}x`)).toBeUndefined();
    expect(parseTags(`${spaces}"a"${spaces}x`)).toBeUndefined();
    expect(parseTags(`${spaces}"a"${spaces},${spaces}"b"${spaces}`)).toEqual(strong("a", "b"));
    expect(parseTags(`"${"a".repeat(1_000_000)}`)).toBeUndefined();
  });
});

describe("readPreconditions", () => {
  test("refuses what it cannot read, by name", () => {
    const refused = readPreconditions(new Headers({ "if-none-match": "e.1" }));
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code: "bad_request", message: expect.stringContaining("if-none-match") as string });
    expect(readPreconditions(new Headers({ "if-match": "nonsense" }))).toBeInstanceOf(Refusal);
  });

  test("E3 refuses a header that is longer than any list of versions, without reading it", () => {
    const list = (length: number): string => `"${"a".repeat(length - 2)}"`;
    expect(readPreconditions(new Headers({ "if-match": list(8_192) }))).toEqual({ match: strong("a".repeat(8_190)) });
    for (const name of ["if-match", "if-none-match"]) {
      expect(readPreconditions(new Headers({ [name]: list(8_193) }))).toMatchObject({ code: "bad_request" });
    }
  });

  test("joins headers that were sent twice", () => {
    const headers = new Headers([
      ["if-match", '"a"'],
      ["if-match", '"b"'],
    ]);
    expect(readPreconditions(headers)).toEqual({ match: strong("a", "b") });
  });
});

describe("judgeRead", () => {
  test.each<[string, Parameters<typeof judgeRead>[0], typeof HERE, string]>([
    ["nothing asked", {}, HERE, "go"],
    ["none-match, the same", { noneMatch: strong("e.5") }, HERE, "not_modified"],
    ["none-match, weakly the same", { noneMatch: weak("e.5") }, HERE, "not_modified"],
    ["none-match, in a list", { noneMatch: strong("x", "e.5") }, HERE, "not_modified"],
    ["none-match, other", { noneMatch: strong("e.4") }, HERE, "go"],
    ["none-match *", { noneMatch: "*" }, HERE, "not_modified"],
    ["none-match *, of nothing", { noneMatch: "*" }, BLANK, "go"],
    ["match, the same", { match: strong("e.5") }, HERE, "go"],
    ["match, weakly the same", { match: weak("e.5") }, HERE, "failed"],
    ["match, other", { match: strong("e.4") }, HERE, "failed"],
    ["match *", { match: "*" }, HERE, "go"],
    ["match *, of nothing", { match: "*" }, BLANK, "failed"],
    ["match fails before none-match is asked", { match: strong("x"), noneMatch: strong("e.5") }, HERE, "failed"],
  ])("%s", (_, asked, now, outcome) => expect(judgeRead(asked, now)).toBe(outcome));
});

test("a write hands its preconditions to the room, without tags that cannot match", () => {
  expect(conditionsOf({}, "{}")).toBeUndefined();
  expect(conditionsOf({ match: strong("a", "b") }, undefined)).toEqual({ match: ["a", "b"] });
  expect(conditionsOf({ match: weak("e.5"), noneMatch: weak("e.5") }, "{}")).toEqual({
    match: [],
    noneMatch: ["e.5"],
    blank: "{}",
  });
  expect(conditionsOf({ match: "*" }, "{}")).toEqual({ match: "*", blank: "{}" });
  expect(conditionsOf({ noneMatch: "*" }, "{}")).toEqual({ noneMatch: "*", blank: "{}" });
});
