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

test.each([
  ["see example.com/x.", "example.com/x", "https://example.com/x"],
  ["www.example.com", "www.example.com", "https://www.example.com/"],
  ["(WWW.Example.com/A?b=c#d)", "WWW.Example.com/A?b=c#d", "https://www.example.com/A?b=c#d"],
  ["www.example.com. And", "www.example.com", "https://www.example.com/"],
  ["sub.example.co.uk:8080/?q=1,", "sub.example.co.uk:8080/?q=1", "https://sub.example.co.uk:8080/?q=1"],
  ["example.com#top", "example.com#top", "https://example.com/#top"],
  ["example.com/a(b)", "example.com/a(b)", "https://example.com/a(b)"],
])("without a scheme, %s is a link", (text, address, href) => {
  expect(links(text)).toEqual([[address, href]]);
});

test.each([
  "me@example.com/x",
  "ftp://example.com/x",
  "javascript:example.com/x",
  "javascript://example.com/%0aalert(1)",
  "data:example.com/x",
  "C:\\example.com/x",
  "../example.com/x",
  "and/or 1.5/2 v1.2.3/x etc./x",
  "node.js/express src.ts/x README.md/x",
  "example.com and example.com.",
  "www.com www. www.a www.example.com@evil.example",
  "аpple.com/x ex\u0430mple.com/x",
  "-a.example/x a-.example/x",
  "snake_www.example.com",
])("without a scheme, %j is no link", (text) => {
  expect(links(text)).toEqual([]);
});

test("a site whose name has other letters than a to z is named as the network knows it too", () => {
  expect(withLinks("https://аррӏе.com/x")).toEqual([
    { text: "https://аррӏе.com/x", href: "https://xn--80ak6aa92e.com/x", site: "xn--80ak6aa92e.com" },
  ]);
  expect(withLinks("https://a.example/ü")).toEqual([{ text: "https://a.example/ü", href: "https://a.example/%C3%BC" }]);
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
