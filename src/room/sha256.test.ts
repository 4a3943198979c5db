import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

async function known(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("it is SHA-256, of texts of any length", async () => {
  for (let length = 0; length < 200; length += 1) {
    expect(sha256("x".repeat(length))).toBe(await known("x".repeat(length)));
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => sha256(text) === (await known(text))),
  );
});
