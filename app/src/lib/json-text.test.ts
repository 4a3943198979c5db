import { describe, expect, test } from "vitest";
import { offsetOf, print, read, spotAt, treeOf } from "./json-text.ts";

describe("read", () => {
  test.each([
    ['{"a":1,}', 7],
    ['{"a":1,"a":2}', 7],
    ['{"a" 1}', 5],
    ["{'a':1}", 1],
    ["", 0],
    ['{"a":01}', 6],
  ])("%s is refused at %d", (text, from) => {
    const reading = read(text);
    expect(reading.ok ? undefined : reading.faults[0]?.from).toBe(from);
  });

  test("any JSON value is a document", () => {
    expect(read(" 3 ")).toEqual({ ok: true, value: 3 });
  });
});

describe("spots", () => {
  const value = { list: [{ name: "Ana" }, { name: "Bo" }], "odd/key": true };
  const pretty = print(value);
  const dense = JSON.stringify(value);

  test("a spot means the same field in text that is laid out otherwise", () => {
    const offset = pretty.indexOf('"Bo"') + 2;
    const spot = spotAt(treeOf(pretty), offset);
    expect(spot).toEqual({ path: "/list/1/name", offset: 2 });
    expect(offsetOf(treeOf(dense), spot)).toBe(dense.indexOf('"Bo"') + 2);
  });

  test("a key counts as its field", () => {
    expect(spotAt(treeOf(dense), dense.indexOf("odd")).path).toBe("/odd~1key");
  });

  test("a field that is not there has no place", () => {
    expect(offsetOf(treeOf(dense), { path: "/list/7/name", offset: 0 })).toBeUndefined();
  });

  test("text with a fault still says where one is, up to it", () => {
    const broken = '{"a": {"b": "x"}, "c": ';
    expect(spotAt(treeOf(broken), broken.indexOf('"x"') + 1)).toEqual({ path: "/a/b", offset: 1 });
  });
});
