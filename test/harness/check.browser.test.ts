import { inject, test } from "vitest";

test("a browser starts and shows the start page", ({ expect }) => {
  expect(inject("browser")).not.toHaveProperty("reason");
});
