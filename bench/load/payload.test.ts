import { describe, expect, test } from "vitest";
import { makePayload, PAYLOAD_BYTES, readPayload } from "./payload.ts";

const id = { publisher: 0, seq: 0 };

describe("payload", () => {
  test("is 105 bytes of ASCII that JSON need not escape, and says who sent it", () => {
    for (const [publisher, seq] of [
      [0, 1],
      [19, 4_321],
      [99, 999_999_999],
    ] as const) {
      const text = makePayload(publisher, seq);
      expect(Buffer.byteLength(text)).toBe(PAYLOAD_BYTES);
      expect(JSON.stringify(text)).toBe(`"${text}"`);
      expect(text.lastIndexOf("~")).toBe(0);
      expect(readPayload(Buffer.from(text), 0, PAYLOAD_BYTES, id)).toBe(true);
      expect(id).toEqual({ publisher, seq });
    }
  });

  test("one flipped bit anywhere is seen", () => {
    const whole = Buffer.from(makePayload(3, 77));
    for (let at = 0; at < PAYLOAD_BYTES; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(readPayload(damaged, 0, PAYLOAD_BYTES, id), `byte ${at}`).toBe(false);
    }
  });

  test("a cut one is none", () => {
    expect(readPayload(Buffer.from(makePayload(1, 1)), 0, PAYLOAD_BYTES - 1, id)).toBe(false);
  });
});
