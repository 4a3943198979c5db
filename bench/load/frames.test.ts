import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientFrame, FrameReader, OPCODE } from "./frames.ts";

/** A server's frame: a client's without mask and key. */
function serverFrame(text: string): Buffer {
  const framed = clientFrame(text);
  const length = Buffer.byteLength(text);
  const header = framed.subarray(0, framed.length - length - 4);
  header[1] = (header[1] ?? 0) & 0x7f;
  return Buffer.concat([header, framed.subarray(framed.length - length)]);
}

function read(stream: Buffer, cuts: readonly number[]): string[] {
  const texts: string[] = [];
  const reader = new FrameReader((bytes, start, end, opcode) => {
    expect(opcode).toBe(OPCODE.text);
    texts.push(bytes.toString("utf8", start, end));
  });
  // One buffer for all reads, overwritten each time, as the connections have it.
  const shared = Buffer.alloc(stream.length + 1);
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    const length = stream.copy(shared, 0, at, cut);
    reader.feed(shared, 0, length);
    shared.fill(0xff);
    at = cut;
  }
  return texts;
}

describe("frames", () => {
  test("every length of header comes back, cut anywhere", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 130 }),
      fc.integer({ min: 120, max: 130 }).map((length) => "a".repeat(length)),
      fc.integer({ min: 65_530, max: 65_540 }).map((length) => "b".repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (texts, cuts) => {
        const stream = Buffer.concat(texts.map(serverFrame));
        const sorted = cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b);
        expect(read(stream, sorted)).toEqual(texts);
      }),
    );
  });

  test("one byte at a time", () => {
    const stream = Buffer.concat(["", "x", "y".repeat(200)].map(serverFrame));
    const cuts = Array.from(stream.keys());
    expect(read(stream, cuts)).toEqual(["", "x", "y".repeat(200)]);
  });

  test("a fragmented or a masked frame is an error", () => {
    const fragment = serverFrame("half");
    fragment[0] = OPCODE.text;
    expect(() => read(fragment, [])).toThrow("fragmented");
    expect(() => read(clientFrame("masked"), [])).toThrow("masked");
  });
});
