import { expect, test } from "vitest";
import { gatherLines } from "./publish-batches.ts";

async function* chunks(...parts: readonly (string | Uint8Array | Promise<string>)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const text = await part;
    yield typeof text === "string" ? new TextEncoder().encode(text) : text;
  }
}

async function all(source: AsyncIterable<Uint8Array>): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for await (const { lines } of gatherLines(source)) found.push(lines);
  return found;
}

test("lines that come together go together, wherever the text is cut", async () => {
  expect(await all(chunks('{"a":1}\n{"b', '":2}\r\n', "\n", '{"c":3}'))).toEqual([['{"a":1}', '{"b":2}', '{"c":3}']]);
  expect(await all(chunks(""))).toEqual([]);
});

test("J11 a line that is not UTF-8 is named, and what comes before it is given as it is", async () => {
  const euro = new TextEncoder().encode('{"a":"€"}\n');
  const batches = gatherLines(
    chunks(euro.subarray(0, 7), euro.subarray(7), "\n", new Uint8Array([0x22, 0xe2, 0x82, 0x0a])),
  );
  expect((await batches.next()).value).toMatchObject({ lines: ['{"a":"€"}'] });
  await expect(batches.next()).rejects.toThrow("Line 3 is not UTF-8 text.");
});

test("a batch has a bounded size, and knows its lines by number", async () => {
  const text = `\n${Array.from({ length: 1200 }, (_, i) => `{"n":${i}}`).join("\n")}\n`;
  const batches: { first: number | undefined; size: number }[] = [];
  for await (const { numbers, lines } of gatherLines(chunks(text)))
    batches.push({ first: numbers[0], size: lines.length });
  expect(batches).toEqual([
    { first: 2, size: 500 },
    { first: 502, size: 500 },
    { first: 1002, size: 200 },
  ]);
});

test("a line that comes alone does not wait for another", async () => {
  let more: (text: string) => void = () => undefined;
  const later = new Promise<string>((resolve) => (more = resolve));
  const batches = gatherLines(chunks('{"a":1}\n', later));
  expect((await batches.next()).value).toMatchObject({ lines: ['{"a":1}'] });
  more('{"b":2}\n{"c":3}\n');
  expect((await batches.next()).value).toMatchObject({ lines: ['{"b":2}', '{"c":3}'], numbers: [2, 3] });
  expect((await batches.next()).done).toBe(true);
});
