import { expect, test } from "vitest";
import { CODES } from "../protocol/codes.ts";
import { RoomcastError, terminalCode } from "./errors.ts";

test("terminal close codes have the names that the table of codes gives them", () => {
  for (let close = 4500; close <= 4999; close += 1) {
    const row = Object.entries(CODES).find(([, code]) => "close" in code && code.close === close);
    expect(terminalCode(close)).toBe(row?.[0]);
  }
});

test("others have none", () => {
  for (const close of [0, 1000, 1006, 4400, 4499, 5000]) expect(terminalCode(close)).toBeUndefined();
});

test("a refusal's place comes with it, and the time to wait", () => {
  const refused = {
    t: "refused",
    m: 1,
    code: "too_many_requests",
    message: "Over the rate",
    retryAfter: 3_200,
  } as const;
  const error = new RoomcastError(refused.code, refused.message, refused);
  expect(error).toMatchObject({ code: "too_many_requests", retryAfter: 3_200 });
});
