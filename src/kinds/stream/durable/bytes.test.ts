import { expect, test } from "vitest";
import { bodyOf, bytesOf, decodeBase64, encodeBase64 } from "./bytes.ts";
import type { DataOp } from "./types.ts";

const octets = { contentType: "application/octet-stream" };
const text = (value: string): DataOp => ({ type: "chunk", text: value });
const event = (data: string): DataOp => ({ type: "event", event: { data } });

test("bytes that are no text come back from base64, however many they are", () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, n) => (n * 7) % 256);
  expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  expect(encodeBase64(Uint8Array.of(0xff, 0x00))).toBe("/wA=");
});

test("a body is a JSON list, or bytes one after the other, whether or not they are text", () => {
  const raw: DataOp = { type: "chunk", base64: encodeBase64(Uint8Array.of(0xff, 0x00)) };
  expect(bodyOf(octets, [text("aé"), raw, text("b")])).toEqual(Uint8Array.of(0x61, 0xc3, 0xa9, 0xff, 0x00, 0x62));
  expect(bodyOf(octets, [text("aé"), text("b")])).toEqual(bytesOf(text("aéb")));
  expect(bodyOf({ contentType: "application/json; charset=utf-8" }, [event("1.0"), event('"é"')])).toEqual(
    bytesOf(text('[1.0,"é"]')),
  );
  expect(bodyOf(octets, [])).toEqual(new Uint8Array(0));
});
