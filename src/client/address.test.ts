import { afterEach, expect, test, vi } from "vitest";
import { pathOf, placeOf, serverAddress } from "./address.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ["http://a.example", "ws://a.example/doc/x/ws"],
  ["https://a.example/", "wss://a.example/doc/x/ws"],
  ["wss://a.example:8443/live/", "wss://a.example:8443/live/doc/x/ws"],
  ["https://a.example/live?key=1", "wss://a.example/live/doc/x/ws?key=1"],
])("%s", async (url, expected) => {
  expect(await placeOf(serverAddress(url), "doc/x", undefined).socket()).toBe(expected);
});

test("in a page, addresses are of its own origin", async () => {
  vi.stubGlobal("location", { href: "https://page.example/some/where" });
  expect(await placeOf(serverAddress("/"), "doc/x", undefined).socket()).toBe("wss://page.example/doc/x/ws");
  expect(await placeOf(serverAddress("/api"), "doc/x", undefined).socket()).toBe("wss://page.example/api/doc/x/ws");
});

test("elsewhere a relative one throws when it is needed, and not where a page is rendered", async () => {
  const { socket } = placeOf(serverAddress("/"), "doc/x", undefined);
  await expect(socket()).rejects.toThrow("connect() needs a whole address outside a browser.");
});

test.each(["localhost:8787", "ftp://a.example", "a.example", ""])("%j is no address", (url) => {
  expect(() => serverAddress(url)).toThrow(TypeError);
});

test("the query is asked for each time and escaped", async () => {
  let token = 0;
  const query = (): Record<string, string> => ({ token: `&${(token += 1)}` });
  const server = serverAddress("https://a.example/?key=1");
  expect(await placeOf(server, "doc/x", query).socket()).toBe("wss://a.example/doc/x/ws?key=1&token=%261");
  expect(await placeOf(server, "doc/x", query).resource("history")).toBe(
    "https://a.example/doc/x/history?key=1&token=%262",
  );
});

test("ids are escaped, and arrive as they were", async () => {
  for (const id of ["a/b", "é ?#%", "...", "a.b", "x".repeat(256), "\u{1F41D}".repeat(256)]) {
    const url = new URL(await placeOf(serverAddress("https://a.example"), `doc/${pathOf(id)}`, undefined).socket());
    expect(decodeURIComponent(url.pathname.slice("/doc/".length, -"/ws".length))).toBe(id);
  }
});

test.each(["", ".", "..", "a\nb", "\u0085", "x".repeat(257)])("%j is no id", (id) => {
  expect(() => pathOf(id)).toThrow(expect.objectContaining({ code: "bad_room_id" }));
});
