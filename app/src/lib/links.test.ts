import { expect, test } from "vitest";
import { withLinks, withoutVoids } from "./links.ts";

const links = (text: string) => withLinks(text).flatMap(({ text, href }) => (href === undefined ? [] : [[text, href]]));

test.each([
  ["see https://a.example/x?y=1#z.", "https://a.example/x?y=1#z"],
  ["(https://a.example/b_(c))", "https://a.example/b_(c)"],
  ["[https://a.example/b], and so on", "https://a.example/b"],
  ["HTTP://A.EXAMPLE/B", "HTTP://A.EXAMPLE/B"],
  ["really?! https://a.example/?!", "https://a.example/"],
  ['"https://a.example/"onmouseover=alert(1)', "https://a.example/"],
  ["<https://a.example/>", "https://a.example/"],
  // What turns the direction of writing is no part of an address, which could read as another by it.
  ["https://a.example/x\u202emoc.knab//:sptth", "https://a.example/x"],
  ["https://a.example/\u2067x\u2069", "https://a.example/"],
  ["https://a.example/\u200ex \u200f\u061c", "https://a.example/"],
])("%s", (text, address) => {
  expect(links(text)).toEqual([[address, new URL(address).href]]);
  expect(
    withLinks(text)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});

test.each([
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "xhttps//a.example",
  "https://",
  "https://bank.example@evil.example/",
  "https://user:secret@evil.example/",
  "https://[bad",
  "file:///etc/passwd https//a",
])("%s is no link", (text) => {
  expect(withLinks(text)).toEqual([{ text }]);
});

test("two links, and nothing", () => {
  expect(links("http://a.example http://b.example/").map(([text]) => text)).toEqual([
    "http://a.example",
    "http://b.example/",
  ]);
  expect(withLinks("")).toEqual([]);
});

test.each([
  ["a\n\nb", "a\n\nb"],
  ["a\n\n\n\nb\n \n\t\n c", "a\n\nb\n\n c"],
  ["\n".repeat(9), "\n\n"],
])("of %j stays %j", (text, rest) => {
  expect(withoutVoids(text)).toBe(rest);
});
