import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../protocol/json.ts";
import { jsonFault } from "./check.ts";
import { equal, keep } from "./equal.ts";
import { compare, noDifference, size, tooDeep } from "./measure.ts";
import { put } from "./object.ts";
import { arrayIndex, formatPointer, parsePointer, read } from "./pointer.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const bytes = (value: Json): number => new TextEncoder().encode(JSON.stringify(value)).length;

describe("pointers", () => {
  const document = JSON.parse(
    '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
  ) as Json;

  test.each([
    ["", document],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
    ["/foo/2", undefined],
    ["/foo/-", undefined],
    ["/foo/length", undefined],
    ["/toString", undefined],
    ["/__proto__", undefined],
    ["/foo/0/0", undefined],
    ["/none/at/all", undefined],
  ])("%j (RFC 6901, section 5, and beside it)", (pointer, expected) => {
    expect(read(document, parsePointer(pointer) ?? ["not a pointer"])).toEqual(expected);
  });

  test("parse what format writes", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (tokens) => {
        expect(parsePointer(formatPointer(tokens))).toEqual(tokens);
      }),
    );
  });

  test.each(["0", "1", "10", "4294967296"])("%j is an index", (token) => expect(arrayIndex(token)).toBe(Number(token)));
  test.each(["", "-", "-1", "-0", "+1", "01", "00", "1e0", "1.0", " 1", "1 ", "0x1", "١", "1\n", "Infinity"])(
    "%j is no index",
    (token) => expect(arrayIndex(token)).toBeNaN(),
  );
});

describe("equal", () => {
  test.each<[Json, Json, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [0, -0, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{ 0: 1 }, [1], false],
    [null, {}, false],
    [1, "1", false],
    [{ a: 1 }, { a: 1, b: 1 }, false],
    [{ a: 1, b: 1 }, { a: 1 }, false],
    [{ a: null }, { b: null }, false],
    [{}, { constructor: 1 }, false],
  ])("%j and %j: %s", (a, b, expected) => {
    expect(equal(a, b)).toBe(expected);
    expect(equal(b, a)).toBe(expected);
  });

  test("is reflexive through text, and keep then gives the old one", () => {
    fc.assert(
      fc.property(json, (any) => {
        const text = JSON.stringify(any);
        const [value, copy] = [JSON.parse(text) as Json, JSON.parse(text) as Json];
        expect(equal(any, copy)).toBe(true);
        expect(keep(copy, value)).toBe(copy);
      }),
    );
  });
});

describe("measures", () => {
  test("size is the length of the text in UTF-8", () => {
    for (const value of ["é", "€", "😀", "\ud800", "\n\u0000\u007f", 1e21, -0, 0.1, [], {}, [[]], { a: [] }]) {
      expect(size(value)).toBe(bytes(value));
    }
  });

  test("compare finds the difference in bytes, and whether there is one", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const result = noDifference();
        compare(result, before, after, 64);
        expect(result.changed).toBe(!equal(before, after));
        expect(bytes(before) + result.bytes).toBe(bytes(after));
        expect(result.deep).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("compare does not look at what an insertion only shifts", () => {
    const items = Array.from(
      { length: 100 },
      () => new Proxy({ n: 1 }, { ownKeys: () => expect.fail("looked inside") }),
    );
    const result = noDifference();
    compare(result, items, [...items.slice(0, 50), "new", ...items.slice(50)], 64);
    expect(result).toMatchObject({ changed: true, bytes: 6, deep: false });
  });

  test.each<[Json, number]>([
    [1, 0],
    [[], 1],
    [{}, 1],
    [{ a: [{}] }, 3],
  ])("%j is %i deep", (value, depth) => {
    expect(tooDeep(value, depth)).toBe(false);
    expect(tooDeep(value, depth - 1)).toBe(depth > 0);
  });
});

describe("put", () => {
  test("defines what assignment would hand to a setter", () => {
    const object: Record<string, Json> = {};
    put(object, "__proto__", { polluted: 1 });
    put(object, "__proto__", { polluted: 2 });
    put(object, "toString", 1);
    expect(JSON.stringify(object)).toBe('{"__proto__":{"polluted":2},"toString":1}');
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe("jsonFault", () => {
  test("finds the first fault in reading order", () => {
    expect(jsonFault({ a: [1, { b: undefined }], c: Number.NaN })).toMatchObject({ path: ["a", 1, "b"] });
    expect(jsonFault(Number.NaN)).toMatchObject({ path: [] });
  });

  test("finds none in what JSON.parse gives, but for numbers beyond all numbers", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonFault(JSON.parse(text))).toBeUndefined();
      }),
    );
    expect(jsonFault(JSON.parse("[1e999]"))).toMatchObject({ path: [0] });
    expect(jsonFault(Object.create(null))).toBeUndefined();
  });
});
