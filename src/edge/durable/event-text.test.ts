import { expect, test } from "vitest";
import type { DataOp } from "../../kinds/stream/durable/types.ts";
import { encodeBase64 } from "../../kinds/stream/durable/bytes.ts";
import { DurableEventText } from "./event-text.ts";

interface Told {
  readonly event: string;
  readonly data: string;
}

/** Events as a browser reads them: one space after the colon is not of the data. */
function parse(text: string): readonly Told[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const lines = block.split("\n").map((line) => /^(\w+): ?(.*)$/s.exec(line) ?? []);
      const [, , event = ""] = lines.find(([, name]) => name === "event") ?? [];
      const data = lines.filter(([, name]) => name === "data").map(([, , value]) => value);
      return { event, data: data.join("\n") };
    });
}

class Reader {
  readonly #translator: DurableEventText;
  #seq = 0;

  constructor(contentType = "text/plain", head = 0) {
    const info = { contentType, epoch: "e", tail: head, head, oldest: 1, closed: false };
    this.#translator = new DurableEventText(info, 0, null);
    this.#translator.message({
      t: "welcome",
      v: 1,
      kind: "stream",
      conn: "c",
      you: "y",
      can: ["read"],
      last: 0,
      gaps: [],
      epoch: "e",
      head,
      resume: "tail",
      now: 0,
    });
  }

  /** What the reader is told of one message: its data, and the number of the op that its offset is after. */
  hear(...ops: readonly (DataOp | { readonly type: "close" })[]): readonly (string | number)[] {
    const items = this.#translator.message({ t: "ops", seq: this.#seq + 1, at: 0, entries: [{ ops: [...ops] }] });
    this.#seq += ops.length;
    return parse(items.map((item) => ("text" in item ? item.text : "")).join("")).map(({ event, data }) =>
      event === "data"
        ? data
        : Number((JSON.parse(data) as { streamNextOffset: string }).streamNextOffset.replace("e_", "")),
    );
  }
}

function chunk(...bytes: readonly number[]): DataOp {
  return { type: "chunk", base64: encodeBase64(new Uint8Array(bytes)) };
}

test.each([" world", "  two", "a\n b", "\n", " ", "\t", ": x"])("Y10 text comes as it was: %j", (text) => {
  expect(new Reader().hear({ type: "chunk", text })).toEqual([text, 1]);
});

test("Y10 a character of which a message has only the beginning waits for the rest of it", () => {
  const reader = new Reader();
  expect(reader.hear({ type: "chunk", text: "a" })).toEqual(["a", 1]);
  expect(reader.hear(chunk(0x62, 0xe2))).toEqual([1]);
  expect(reader.hear(chunk(0x82))).toEqual([1]);
  expect(reader.hear(chunk(0xac, 0x63))).toEqual(["b€c", 4]);
  expect(reader.hear({ type: "chunk", text: "d" })).toEqual(["d", 5]);
});

test("Y10 what can become no character does not wait, nor does the last of a stream that is closed", () => {
  const reader = new Reader();
  expect(reader.hear(chunk(0x61, 0xff))).toEqual(["a\ufffd", 1]);
  expect(reader.hear(chunk(0xe2))).toEqual([1]);
  expect(reader.hear({ type: "chunk", text: "b" })).toEqual(["\ufffdb", 3]);
  expect(reader.hear(chunk(0xf0, 0x9f), { type: "close" })).toEqual(["\ufffd", 4]);
});

test("Y10 what waits and is never gone on with is told all the same once a mebibyte waits", () => {
  const reader = new Reader();
  const bytes = new Uint8Array(600_000).fill(0x61);
  bytes[bytes.length - 1] = 0xe2;
  const long: DataOp = { type: "chunk", base64: encodeBase64(bytes) };
  expect(reader.hear(long)).toEqual([0]);
  const [text] = reader.hear(long);
  expect(text).toHaveLength(1_200_000);
});

test("Y10 bytes that are no text are base64, and do not wait", () => {
  expect(new Reader("application/octet-stream").hear(chunk(0xe2))).toEqual(["4g==", 1]);
});

test("Y10 text that was there before is read as one, however it was written", () => {
  const reader = new Reader("text/plain", 2);
  expect(reader.hear(chunk(0xe2), chunk(0x82, 0xac))).toEqual(["€", 2]);
});

test("Y16 a gap ends the events, whatever comes after it", () => {
  const info = { contentType: "text/plain", epoch: "e", tail: 3, head: 3, oldest: 1, closed: false };
  const translator = new DurableEventText(info, 3, null);
  const run = (seq: number) =>
    translator.message({ t: "ops", seq, at: 0, entries: [{ ops: [{ type: "chunk", text: "x" }] }] });
  expect([run(5), run(6)]).toEqual([[{ end: true }], []]);
});
