import { expect, test } from "vitest";
import { errorOfClose, RoomcastError } from "./errors.ts";

test("a close frame tells of an error by its reason", () => {
  expect(errorOfClose(4503, "forbidden: Not you: go away.")).toMatchObject({
    code: "forbidden",
    message: "Not you: go away.",
  });
  expect(errorOfClose(4404, "internal: It failed.")).toMatchObject({ code: "internal", message: "It failed." });
});

test("other closes tell of none", () => {
  for (const close of [0, 1000, 1006, 1011, 4399]) expect(errorOfClose(close, "internal: x")).toBeUndefined();
  expect(errorOfClose(4404, "")).toBeUndefined();
  expect(errorOfClose(4500, "no code")).toBeUndefined();
  expect(errorOfClose()).toBeUndefined();
});

test("of a refusal and the close that follows, the refusal has the whole message", () => {
  const whole = new RoomcastError("internal", `The binding is missing. ${"Add it to wrangler.jsonc. ".repeat(9)}`);
  const cut = `internal: ${whole.message}`.slice(0, 120);
  expect(errorOfClose(4404, cut, whole)).toBe(whole);
  expect(errorOfClose(4404, "internal: Another.", whole)).toMatchObject({ message: "Another." });
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
