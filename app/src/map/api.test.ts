import { expect, test } from "vitest";
import { fitsOne } from "./api.ts";

test("M6 a file is one mutation while it fits one, to the byte", () => {
  const geometry = { type: "Point", coordinates: [1, 2] } as const;
  const around = new Blob([JSON.stringify([{ type: "import", features: [{ geometry, note: "" }] }])]).size;
  const note = (length: number) => [{ geometry, note: "x".repeat(length) }];
  expect([fitsOne(note(1024 * 1024 - around)), fitsOne(note(1024 * 1024 - around + 1))]).toEqual([true, false]);
});
