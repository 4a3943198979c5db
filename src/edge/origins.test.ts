import { describe, expect, test } from "vitest";
import { judgeOrigin, normalizeOrigins, optionsResponse, withCors } from "./origins.ts";

const LIST = normalizeOrigins(["https://app.example", "http://localhost:5173/"]);
const at = (url: string) => new URL(url);

describe("normalizeOrigins", () => {
  test("writes origins as browsers do", () => {
    expect(normalizeOrigins(["https://App.Example:443/", "*"])).toEqual(["https://app.example", "*"]);
  });
  test.each(["app.example", "", "null", "https://app.example/path", "https://app.example?x", "file:///x", "**"])(
    "%j throws",
    (origin) => expect(() => normalizeOrigins([origin])).toThrow(TypeError),
  );
});

describe("judgeOrigin", () => {
  test.each<[string, string | null, string, boolean, string | undefined]>([
    ["no page at all", null, "https://rooms.example/doc/a", true, undefined],
    ["same origin", "https://rooms.example", "https://rooms.example/doc/a", true, undefined],
    ["same origin on localhost", "http://localhost:8787", "http://localhost:8787/doc/a", true, undefined],
    ["https page, http behind a TLS proxy", "https://rooms.example", "http://rooms.example/doc/a", true, undefined],
    ["http page, https server", "http://rooms.example", "https://rooms.example/doc/a", false, undefined],
    ["another port", "http://localhost:3000", "http://localhost:8787/doc/a", false, undefined],
    ["a listed page", "https://app.example", "https://rooms.example/doc/a", true, "https://app.example"],
    ["a listed page on another port", "https://app.example:8443", "https://rooms.example/doc/a", false, undefined],
    ["a subdomain of a listed page", "https://x.app.example", "https://rooms.example/doc/a", false, undefined],
    ["a listed page as prefix", "https://app.example.evil.example", "https://rooms.example/doc/a", false, undefined],
    ["the room's host as prefix", "https://rooms.example.evil.example", "https://rooms.example/", false, undefined],
    ["a sandboxed page", "null", "https://rooms.example/doc/a", false, undefined],
    ["an empty header", "", "https://rooms.example/doc/a", false, undefined],
    ["a star from the client", "*", "https://rooms.example/doc/a", false, undefined],
  ])("%s", (_, header, url, allowed, cors) => {
    const verdict = judgeOrigin(header, at(url), LIST);
    expect(verdict.allowed).toBe(allowed);
    expect(verdict.allowed ? verdict.cors?.origin : undefined).toBe(cors);
  });

  test("a star lets every page in, without its cookies", () => {
    const verdict = judgeOrigin("https://any.example", at("https://rooms.example/"), ["*"]);
    expect(verdict).toEqual({ allowed: true, cors: { origin: "*", credentials: false } });
    expect(judgeOrigin("null", at("https://rooms.example/"), ["*"]).allowed).toBe(true);
  });

  test("a listed page keeps its cookies beside a star", () => {
    const verdict = judgeOrigin("https://app.example", at("https://rooms.example/"), ["*", "https://app.example"]);
    expect(verdict).toEqual({ allowed: true, cors: { origin: "https://app.example", credentials: true } });
  });
});

describe("responses", () => {
  test("expose what a page needs to read", () => {
    const verdict = judgeOrigin("https://app.example", at("https://rooms.example/"), LIST);
    const { headers } = withCors(new Response("x", { headers: { vary: "Accept" } }), verdict);
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("access-control-expose-headers")).toContain("ETag");
    expect(headers.get("vary")).toBe("Accept, Origin");
  });

  test("a preflight is told the methods and the headers that it asked for", () => {
    const request = new Request("https://rooms.example/doc/a", {
      method: "OPTIONS",
      headers: { "access-control-request-method": "PATCH", "access-control-request-headers": "if-match, x-mine" },
    });
    const { status, headers } = optionsResponse(request, "GET, PATCH, OPTIONS", { "accept-patch": "application/json" });
    expect(status).toBe(204);
    expect(headers.get("allow")).toBe("GET, PATCH, OPTIONS");
    expect(headers.get("access-control-allow-methods")).toBe("GET, PATCH, OPTIONS");
    expect(headers.get("access-control-allow-headers")).toBe("if-match, x-mine");
    expect(headers.get("accept-patch")).toBe("application/json");
  });
});
