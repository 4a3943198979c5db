import { expect, test } from "vitest";
import { textOf } from "./file-text.ts";

/** A text in an encoding, of characters that ISO-8859-1 has. */
function bytes(text: string, encoding: "utf8" | "latin1" | "utf16le" | "utf16be" = "utf8"): ArrayBuffer {
  const units = Array.from(text, (character) => character.charCodeAt(0));
  if (encoding === "utf8") return Uint8Array.from(new TextEncoder().encode(text)).buffer;
  if (encoding === "latin1") return Uint8Array.from(units).buffer;
  const pair = (unit: number): number[] => [unit & 0xff, unit >> 8];
  return Uint8Array.from(units.flatMap((unit) => (encoding === "utf16le" ? pair(unit) : pair(unit).toReversed())))
    .buffer;
}

const xml = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>\n<gpx>Zürich</gpx>`;

test.each<[string, ArrayBuffer, string | undefined, string]>([
  ["UTF-8", bytes(xml("UTF-8")), undefined, xml("UTF-8")],
  ["UTF-8 with its mark", bytes(`\ufeff${xml("UTF-8")}`), undefined, xml("UTF-8")],
  ["ISO-8859-1 as it declares", bytes(xml("ISO-8859-1"), "latin1"), undefined, xml("ISO-8859-1")],
  ["what the request says", bytes("Zürich", "latin1"), "latin1", "Zürich"],
  ["UTF-16 with its mark", bytes(`\ufeff${xml("UTF-16")}`, "utf16le"), undefined, xml("UTF-16")],
  ["UTF-16 the other way around", bytes(`\ufeff${xml("UTF-16")}`, "utf16be"), undefined, xml("UTF-16")],
  ["UTF-16 without a mark", bytes(xml("UTF-16"), "utf16le"), "utf-16", xml("UTF-16")],
  [
    "JSON that speaks of XML",
    bytes('{"a": "<?xml encoding=\'latin1\'?>ü"}'),
    undefined,
    '{"a": "<?xml encoding=\'latin1\'?>ü"}',
  ],
  ["nothing", bytes(""), undefined, ""],
])("M15 a file is read in its encoding: %s", (_title, file, charset, text) => {
  expect(textOf(file, charset)).toBe(text);
});

test("M15 bytes that are no text are a fault with its place, and so is an encoding that nobody knows", () => {
  expect(textOf(bytes("a\nbc\xff", "latin1"), undefined)).toEqual({
    message: "The file is not utf-8",
    line: 2,
    column: 3,
  });
  expect(textOf(bytes(xml("klingon")), undefined)).toEqual({
    message: "The encoding klingon is not known",
    line: 1,
    column: 1,
  });
});
