import { expect, test } from "vitest";
import { restOf } from "./rest.ts";

test("J12 a row says what was published: numbers as they were written, two members under one name, however deep", () => {
  const event =
    '{"type":"order","path":"/","price":12345678901234567890.10,"n":1.0,"n":2,"props":{"plan":"a\\nb","qty":1e3}}';
  expect(restOf(event)).toBe("price: 12345678901234567890.10 · n: 1.0 · n: 2 · plan: a\nb · qty: 1e3");
  expect(restOf('{"type":"pageview","referrer":"news.example","ok":true}')).toBe("from news.example · ok: true");
  expect(restOf("[1.0]")).toBe("[1.0]");
  expect(restOf(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`)).toBe(`a: ${"[".repeat(197)}`);
});
