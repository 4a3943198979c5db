import { expect, test } from "vitest";
import { indented, membersOf } from "./text.ts";

const deep = "[".repeat(6_000) + "]".repeat(6_000);

test("B1 the members of an object are what was written, those under one name too", () => {
  expect(membersOf('{"a":12345678901234567890.10, "b" : {"c":[1,{"a":2}],"d":"}"},"a":"\\u0041,:{" }')).toEqual([
    { name: "a", value: "12345678901234567890.10", text: '"a":12345678901234567890.10' },
    { name: "b", value: '{"c":[1,{"a":2}],"d":"}"}', text: '"b" : {"c":[1,{"a":2}],"d":"}"}' },
    { name: "a", value: '"\\u0041,:{"', text: '"a":"\\u0041,:{"' },
  ]);
  expect(membersOf(" {} ")).toEqual([]);
  expect(membersOf('{"\\u0061":1}')).toEqual([{ name: "a", value: "1", text: '"\\u0061":1' }]);
  expect(membersOf(`{"a":${deep},"b":1}`).map(({ name }) => name)).toEqual(["a", "b"]);
});

test("B1 what is indented for people has every number, name and string as it was written", () => {
  expect(indented('{"n":12345678901234567890.10,"n":1.0,"e":{},"l":[ ],"s":"a: {\\"b\\",","m":[1,{"x":null}]}')).toBe(`{
  "n": 12345678901234567890.10,
  "n": 1.0,
  "e": {},
  "l": [],
  "s": "a: {\\"b\\",",
  "m": [
    1,
    {
      "x": null
    }
  ]
}`);
  expect(indented("1e3")).toBe("1e3");
  expect(indented(deep).length).toBeLessThan(3_000_000);
});

test("what is indented as JavaScript would has the same lines", () => {
  const value = { a: [1, "x", { b: {}, c: [] }], d: { e: [[true], null] } };
  expect(indented(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
});
