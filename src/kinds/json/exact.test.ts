import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inexactMessage, inexactNumber } from "./exact.ts";

test.each([
  ['{"id":12345678901234567890}', "12345678901234567890"],
  ["[9007199254740993]", "9007199254740993"],
  ["-9007199254740993", "-9007199254740993"],
  ['{"a":[{"b":"9007199254740993"},10000000000000001]}', "10000000000000001"],
  ['{"a\\"b":9007199254740993}', "9007199254740993"],
  ["9007199254740993.0", "9007199254740993.0"],
  ["[1e400]", "1e400"],
  ["[-1E+0400]", "-1E+0400"],
  [`[${"1".repeat(400)}]`, "1".repeat(400)],
])("%s: a number that would be stored as another is found", (text, found) => expect(inexactNumber(text)).toBe(found));

test.each([
  '{"id":"12345678901234567890"}',
  '{"12345678901234567890":1}',
  '"a \\" 12345678901234567890"',
  "[9007199254740991, -9007199254740991, 9007199254740992, 10000000000000000]",
  "[0.12345678901234567890, 3.141592653589793238]",
  "[1e22, 1e308, 1e-400, 18446744073709552000, 10000000000000000000000]",
  "[0000000000000000]",
  "{}",
])("%s: nothing to refuse", (text) => expect(inexactNumber(text)).toBeUndefined());

test("whatever JavaScript writes itself is exact", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => inexactNumber(JSON.stringify(value)) === undefined));
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => inexactNumber(String(x)) === undefined),
  );
});

test("an integer is refused exactly when it does not come back as it was", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 53n, max: 10n ** 21n - 1n }), (big) => {
      const same = BigInt(Number(big)) === big || String(Number(big)) === String(big);
      return (inexactNumber(`[${big}]`) === undefined) === same;
    }),
  );
});

test("the message says what would be stored and what to do", () => {
  expect(inexactMessage("9007199254740993")).toBe(
    "The number 9007199254740993 would be stored as 9007199254740992: send it as a string.",
  );
});
