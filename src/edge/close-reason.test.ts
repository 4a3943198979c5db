import { describe, expect, test } from "vitest";
import { refuse } from "../protocol/refusal.ts";
import { closeReason } from "./close-reason.ts";

describe("closeReason", () => {
  test("is the code and the message", () => {
    expect(closeReason(refuse("forbidden", "Not you."))).toBe("forbidden: Not you.");
  });

  test.each(["x".repeat(500), "é".repeat(500), "\u{1F41D}".repeat(200), `x${"\u{1F41D}".repeat(200)}`])(
    "fits a close frame, whole characters only",
    (message) => {
      const reason = closeReason(refuse("unauthorized", message));
      expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123);
      expect(new TextEncoder().encode(reason).length).toBeGreaterThan(110);
      expect(reason).not.toContain("\uFFFD");
      expect(reason.startsWith("unauthorized: ")).toBe(true);
    },
  );
});
