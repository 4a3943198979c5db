import { afterEach, expect, test, vi } from "vitest";
import { pathOf, placeOf, resourceOf, serverAddress } from "./address.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ["http://a.example", "ws://a.example/doc/x/ws"],
  ["https://a.example/", "wss://a.example/doc/x/ws"],
  ["wss://a.example:8443/live/", "wss://a.example:8443/live/doc/x/ws"],
  ["https://a.example/live?key=1", "wss://a.example/live/doc/x/ws?key=1"],
  ["HTTPS://a.example/live/?key=1#part", "wss://a.example/live/doc/x/ws?key=1"],
  ["http://a.example?", "ws://a.example/doc/x/ws"],
])("%s", async (url, expected) => {
  expect(await placeOf(serverAddress(url), "doc/x", undefined)()).toBe(expected);
});

test("in a page, addresses are of its own origin", async () => {
  vi.stubGlobal("location", { href: "https://page.example/some/where" });
  expect(await placeOf(serverAddress("/"), "doc/x", undefined)()).toBe("wss://page.example/doc/x/ws");
  expect(await placeOf(serverAddress("/api"), "doc/x", undefined)()).toBe("wss://page.example/api/doc/x/ws");
});

test("elsewhere a relative one throws when it is needed, and not where a page is rendered", async () => {
  const socket = placeOf(serverAddress("/"), "doc/x", undefined);
  await expect(socket()).rejects.toThrow("connect() needs a whole address outside a browser.");
});

test.each(["localhost:8787", "ftp://a.example", "a.example", ""])("%j is no address", (url) => {
  expect(() => serverAddress(url)).toThrow(TypeError);
});

test("the query is asked for each time and escaped", async () => {
  let token = 0;
  const query = (): Record<string, string> => ({ token: `&${(token += 1)}` });
  const server = serverAddress("https://a.example/?key=1");
  expect(await placeOf(server, "doc/x", query)()).toBe("wss://a.example/doc/x/ws?token=%261&key=1");
  expect(resourceOf(await placeOf(server, "doc/x", query)(), "history", "limit=2")).toBe(
    "https://a.example/doc/x/history?limit=2&token=%262&key=1",
  );
});

test("a resource of a room is beside its socket, whatever the room's name", () => {
  expect(resourceOf("ws://a.example/chat/ws/ws", "messages", "a=1")).toBe("http://a.example/chat/ws/messages?a=1");
  expect(resourceOf("ws://a.example/chat/ws%3F/ws?u=/ws?x", "messages", "a=1")).toBe(
    "http://a.example/chat/ws%3F/messages?a=1&u=/ws?x",
  );
});

test("an address that the query is to replace", async () => {
  const server = serverAddress("https://a.example?token=old");
  const url = new URL(await placeOf(server, "doc/x", () => ({ token: "new one" }))());
  expect(url.searchParams.get("token")).toBe("new one");
});

test("React Native: the parts of a URL cannot be set, and its constructor appends a slash", async () => {
  class Fixed {
    readonly href: string;
    constructor(url: string) {
      this.href = `${url}/`;
    }
    get protocol(): never {
      throw new Error("URL.protocol is not implemented");
    }
    get searchParams(): never {
      throw new Error("URL.searchParams is not implemented");
    }
  }
  vi.stubGlobal("URL", Fixed);
  const place = placeOf(serverAddress("https://a.example/live?key=1"), "doc/x", () => ({ token: "t" }));
  expect(await place()).toBe("wss://a.example/live/doc/x/ws?token=t&key=1");
});

test("ids are escaped, and arrive as they were", async () => {
  for (const id of ["a/b", "é ?#%", "...", "a.b", "x".repeat(256), "\u{1F41D}".repeat(256)]) {
    const url = new URL(await placeOf(serverAddress("https://a.example"), `doc/${pathOf(id)}`, undefined)());
    expect(decodeURIComponent(url.pathname.slice("/doc/".length, -"/ws".length))).toBe(id);
  }
});

test.each(["", ".", "..", "a\nb", "\u0085", "x".repeat(257)])("%j is no id", (id) => {
  expect(() => pathOf(id)).toThrow(expect.objectContaining({ code: "bad_room_id" }));
});
