import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { CODES, isTerminalClose } from "./codes.ts";
import { formatVersion, parseVersion } from "./position.ts";
import { RoomMessage } from "./room/index.ts";

const rows = Object.entries(CODES);
const closing = rows.flatMap(([code, row]) => ("close" in row ? [[code, row.close] as const] : []));

describe("codes", () => {
  test.each(rows)("%s says what it means", (code, row) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(row.means).toMatch(/^[A-Z].*\.$/);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
  });

  test("a close code means one thing", () => {
    expect(new Set(closing.map(([, close]) => close)).size).toBe(closing.length);
  });

  test("a code that only answers HTTP requests is in no message of a WebSocket, and closes none", () => {
    const httpOnly = rows.filter(([, row]) => "httpOnly" in row).map(([code]) => code);
    const refused = rows.filter(([code]) => !v.is(RoomMessage, { t: "refused", code, message: "" }));
    expect(refused.map(([code]) => code)).toEqual(httpOnly);
    expect(closing.filter(([code]) => httpOnly.includes(code))).toEqual([]);
  });

  test.each(closing)("%s closes with %i, in a range that says whether to come back", (_code, close) => {
    expect(close).toBeGreaterThanOrEqual(4400);
    expect(close).toBeLessThan(4600);
  });

  test.each<[number, boolean]>([
    [1000, false],
    [1006, false],
    [1012, false],
    [4000, false],
    [4499, false],
    [4500, true],
    [4999, true],
  ])("a close with %i is terminal: %s", (close, terminal) => {
    expect(isTerminalClose(close)).toBe(terminal);
  });
});

describe("versions", () => {
  test.each([
    ["a.0", { epoch: "a", seq: 0 }],
    ["0123456789abcdef.17", { epoch: "0123456789abcdef", seq: 17 }],
    [`${"z".repeat(32)}.9007199254740991`, { epoch: "z".repeat(32), seq: Number.MAX_SAFE_INTEGER }],
  ])("%s", (token, position) => {
    expect(parseVersion(token)).toEqual(position);
    expect(formatVersion(position)).toBe(token);
  });

  test.each([
    "",
    ".",
    "a",
    "a.",
    ".1",
    "a.01",
    "a.-1",
    "a.1.2",
    "a.1e3",
    "a.0x1",
    "A.1",
    "a 1",
    " a.1",
    "a.1\n",
    '"a.1"',
    "é.1",
    `${"z".repeat(33)}.1`,
    "a.9007199254740992",
    "a.99999999999999999",
  ])("%j names no position", (token) => {
    expect(parseVersion(token)).toBeUndefined();
  });
});
