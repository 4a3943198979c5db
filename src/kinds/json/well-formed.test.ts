import { describe, expect, test } from "vitest";
import { hasLoneSurrogate, wellFormedJson } from "./well-formed.ts";

const j = String.raw;

describe("lone surrogates in JSON text", () => {
  test.each([
    [j`"x\ud800y"`, j`"x\ufffdy"`],
    [j`"\uDBFF"`, j`"\ufffd"`],
    [j`"\udc00\ud800"`, j`"\ufffd\ufffd"`],
    [j`"\ud83d\ud83d\ude00"`, j`"\ufffd\ud83d\ude00"`],
    [j`"\\\ud800"`, j`"\\\ufffd"`],
    [j`{"\ud800":1}`, j`{"\ufffd":1}`],
    ['"x\ud800y"', '"x\ufffdy"'],
    [`"\ud83d\\ude00"`, j`"` + "\ufffd" + j`\ufffd"`],
  ])("%s becomes %s", (json, repaired) => {
    expect(wellFormedJson(json)).toBe(repaired);
    expect(hasLoneSurrogate(JSON.parse(json) === "\u{1f600}" ? "\ud800" : JSON.parse(json))).toBe(true);
    expect(hasLoneSurrogate(JSON.parse(repaired))).toBe(false);
  });

  test.each([
    j`"\ud83d\ude00"`,
    j`"\uD83D\uDE00"`,
    j`"\\ud800"`,
    j`"\\\\ud800"`,
    j`"\u00e9\n\""`,
    '"\u{1f600}"',
    "{ }",
  ])("%s is well-formed and stays as it is", (json) => {
    expect(wellFormedJson(json)).toBe(json);
    expect(hasLoneSurrogate(JSON.parse(json))).toBe(false);
  });

  test("a value is searched to any depth, keys too", () => {
    let deep: unknown = { "\udfff": 1 };
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(hasLoneSurrogate(deep)).toBe(true);
    expect(hasLoneSurrogate([null, 1, true, { a: ["\u{1f600}"] }])).toBe(false);
  });
});
