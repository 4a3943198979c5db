import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { Peer } from "../../test/engine/peer.ts";
import { edge, json, refusal, versionOf } from "../../test/worker/edge.ts";
import { SUBPROTOCOL } from "../protocol/version.ts";
import { createRoutes } from "./index.ts";

const options = { chats: (bindings: Cloudflare.Env) => bindings.CHATS };
const { fetch } = edge(options);
const UPGRADE = { upgrade: "websocket" };
const PRIVATE = "0123456789abcdef".repeat(4);
const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

async function plain(path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(path, init);
  return `${response.status} ${await response.text()}`;
}

async function open(path: string, headers: Record<string, string> = {}): Promise<Peer> {
  return Peer.connect({ fetch: () => fetch(path, { headers: { ...UPGRADE, ...headers } }) });
}

describe("paths", () => {
  test("T17 POST /api/room names a private room and stores nothing", async () => {
    const response = await fetch("/api/room", { method: "POST" });
    const id = await response.text();
    expect(response.status).toBe(200);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await (await fetch("/api/room", { method: "POST" })).text()).not.toBe(id);
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      expect(await plain("/api/room", { method })).toBe("405 Method not allowed");
    }
    const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "content-type" };
    const asked = await fetch("/api/room", { method: "OPTIONS", headers: preflight });
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-methods")).toBe("POST, OPTIONS");
    expect(asked.headers.get("access-control-allow-headers")).toBe("content-type");
    const foreign = await fetch("/api/room", { method: "POST", headers: { origin: "https://evil.example" } });
    expect(await refusal(foreign)).toBe("403 origin_refused");
  });

  test.each<[string, Record<string, string>, string]>([
    [`/api/room/${"x".repeat(33)}/websocket`, UPGRADE, "404 Name too long"],
    [`/api/room/${"x".repeat(33)}/websocket`, {}, "404 Name too long"],
    [`/api/room/${PRIVATE.toUpperCase()}/websocket`, UPGRADE, "404 Name too long"],
    [`/api/room/${PRIVATE}0/websocket`, UPGRADE, "404 Name too long"],
    [`/api/room/${"%C3%A9".repeat(33)}/websocket`, UPGRADE, "404 Name too long"],
    ["/api/room/lobby/websocket", {}, "400 expected websocket"],
    [`/api/room/${PRIVATE}/websocket`, {}, "400 expected websocket"],
    ["/chat", UPGRADE, "400 Missing room name"],
    ["/chat/", UPGRADE, "400 Missing room name"],
    ["/chat/", {}, "400 Missing room name"],
    ["/chat/%20", UPGRADE, "400 Missing room name"],
    ["/api/room//websocket", UPGRADE, "400 Missing room name"],
    ["/api/room/", {}, "405 Method not allowed"],
    ["/chat/lobby", {}, "400 Expected WebSocket upgrade"],
    ["/chat/lobby", { accept: "*/*" }, "400 Expected WebSocket upgrade"],
    ["/chat/lobby", { accept: "application/json" }, "400 Expected WebSocket upgrade"],
    [`/chat/${"x".repeat(33)}`, UPGRADE, "400 Name too long"],
  ])("T17 %s with %o: %s", async (path, headers, answer) => {
    expect(await plain(path, { headers })).toBe(answer);
  });

  test.each([`/chat/${"x".repeat(33)}/messages`, `/chat/${"x".repeat(33)}/state`, "/chat/%ff/messages"])(
    "T17 %s is no room",
    async (path) => {
      expect(await refusal(await fetch(path))).toBe("400 bad_room_id");
    },
  );

  test("T17 a native client with a wrong name is closed for good", async () => {
    for (const path of [`/chat/${"x".repeat(33)}/ws`, `/chat/${"x".repeat(33)}`, "/chat/%20"]) {
      const peer = await open(path, { "sec-websocket-protocol": SUBPROTOCOL });
      expect([path, (await peer.closed).code]).toEqual([path, 4506]);
    }
  });

  test("T17 a page view is somebody else's to answer", async () => {
    const routes = createRoutes<Cloudflare.Env>(options);
    const view = (path: string, init: RequestInit = { headers: HTML }): Promise<Response | undefined> =>
      routes.fetch(new Request(`http://rooms.example${path}`, init), env);
    for (const path of ["/chat", "/chat/", "/chat/lobby", `/chat/${"x".repeat(99)}`, "/api/room/lobby", "/api"]) {
      expect([path, await view(path)]).toEqual([path, undefined]);
    }
    expect(await view("/chat/lobby", { method: "HEAD", headers: HTML })).toBeUndefined();
    expect((await view("/chat/lobby", { headers: { ...HTML, ...UPGRADE } }))?.status).toBe(101);
    expect((await view("/chat/lobby/messages"))?.status).toBe(200);
    const none = createRoutes<Cloudflare.Env>({});
    expect(await none.fetch(new Request("http://rooms.example/api/room", { method: "POST" }), env)).toBeUndefined();
  });

  test("T17 a line client's room name may have slashes, as they are or escaped; other requests there are no rooms", async () => {
    const one = await open("/chat/team/one?name=Lin");
    expect(await one.line()).toBe("User joined.");
    const same = await open("/chat/team%2Fone?name=Lou");
    expect([await same.line(), await one.line()]).toEqual(["User joined.", "User joined."]);
    same.socket.send("hi");
    expect(await one.line()).toBe("Lou: hi");
    const page = (await (await fetch("/chat/team%2Fone/messages")).json()) as { messages: { text: string }[] };
    expect(page.messages.map(({ text }) => text)).toEqual(["hi"]);
    // Another room, whatever a path could be simplified to.
    const deep = await open("/chat/team//one/ws/x/");
    expect(await deep.line()).toBe("User joined.");

    expect(await plain(`/chat/a/${"x".repeat(31)}`, { headers: UPGRADE })).toBe("400 Name too long");
    expect(await refusal(await fetch("/chat/a/b"))).toBe("404 not_found");
    expect(await refusal(await fetch("/chat/a/b", { method: "POST", body: "{}" }))).toBe("404 not_found");
    const native = await open("/chat/a/b", { ...UPGRADE, "sec-websocket-protocol": SUBPROTOCOL });
    expect((await native.closed).code).toBe(4508);
    const routes = createRoutes<Cloudflare.Env>(options);
    expect(await routes.fetch(new Request("http://rooms.example/chat/a/b", { headers: HTML }), env)).toBeUndefined();
  });

  test("T17 limits of names are configurable", async () => {
    const short = edge({ ...options, chatName: 4 });
    expect((await short.fetch("/api/room/lobby/websocket", { headers: UPGRADE })).status).toBe(404);
    expect((await short.fetch(`/api/room/${PRIVATE}/websocket`, { headers: UPGRADE })).status).toBe(101);
    expect((await short.fetch("/chat/four/messages")).status).toBe(200);
  });
});

describe("one room", () => {
  test("T14 whatever the path and the format", async () => {
    const jay = await open("/api/room/one%20room/websocket");
    jay.socket.send('{"name":"Jay"}');
    expect([await jay.line(), await jay.line()]).toEqual(['{"joined":"Jay"}', '{"ready":true}']);
    const lin = await open("/chat/one%20room?name=Lin%20%26%20Co");
    expect([await lin.line(), await jay.line()]).toEqual(["User joined.", '{"joined":"Lin & Co"}']);
    const natives = [
      await open("/chat/one%20room/ws", { "sec-websocket-protocol": SUBPROTOCOL }),
      await open("/chat/one%20room", { "sec-websocket-protocol": SUBPROTOCOL }),
      await open("/api/room/one%20room/websocket", { "sec-websocket-protocol": SUBPROTOCOL }),
    ];
    for (const native of natives) {
      await native.hello();
      await native.expect("snapshot");
    }
    lin.socket.send("hi");
    expect(await lin.line()).toBe("Lin & Co: hi");
    expect(JSON.parse(await jay.line())).toMatchObject({ name: "Lin & Co", message: "hi" });
    for (const native of natives) {
      expect((await native.expect("ops")).entries[0]?.ops).toMatchObject([{ message: { text: "hi" } }]);
    }
  });
});

describe("over HTTP", () => {
  const messages = async (path: string): Promise<readonly { readonly text: string; readonly n: number }[]> => {
    const response = await fetch(path);
    const body = await response.json<{ messages: { text: string; n: number }[]; version: string }>();
    expect(response.headers.get("etag")).toBe(`"${body.version}"`);
    return body.messages;
  };

  test("T17 messages are sent, once under their key, and read by number and by date", async () => {
    const post = (body: unknown, headers = {}): Promise<Response> =>
      fetch("/chat/http/messages", json("POST", body, headers));
    await versionOf(await post({ text: "one", name: "Build" }));
    for (let n = 0; n < 3; n += 1) await versionOf(await post({ text: "two" }, { "idempotency-key": "k" }));
    await versionOf(await post({ text: "three", reply: 1 }));
    expect((await messages("/chat/http/messages")).map(({ text }) => text)).toEqual(["three", "two", "one"]);
    expect(await messages("/chat/http/messages?before=3&limit=1")).toMatchObject([{ n: 2, name: "anonymous" }]);
    expect(await messages("/chat/http/messages?after=1&limit=1")).toMatchObject([{ n: 2 }]);
    expect(await messages("/chat/http/messages?since=2020-01-01&limit=1")).toMatchObject([{ n: 1, name: "Build" }]);
    expect(await messages("/chat/http/messages?since=2999-01-01T00:00:00Z")).toEqual([]);
    expect(await (await fetch("/chat/http/state")).json()).toMatchObject({ count: 3 });
    await versionOf(await fetch("/chat/http", json("POST", { intents: [{ type: "delete", n: 1 }] })));
    expect((await messages("/chat/http/messages")).at(-1)).toMatchObject({ n: 1, text: "" });
    expect(await refusal(await post({ text: "x".repeat(4_001) }))).toBe("413 too_large");
    expect(await refusal(await post({ text: 7 }))).toBe("400 bad_intent");
    expect(await refusal(await post([]))).toBe("400 bad_message");
    expect(await refusal(await post({ type: "ban", n: 2 }))).toBe("400 bad_intent");
  });

  test.each([
    "before=x",
    "before=-1",
    "limit=0",
    "limit=501",
    "since=yesterday",
    "before=1&after=2",
    "since=1&since=2x&after=1",
  ])("T17 ?%s is refused", async (query) => {
    expect(await refusal(await fetch(`/chat/http/messages?${query}`))).toBe("400 bad_request");
  });

  test("T4 T17 who may only read does not send, and no guest clears a room", async () => {
    const reader = edge({ ...options, authorize: () => ({ can: ["read"] }) });
    expect(await refusal(await reader.fetch("/chat/http/messages", json("POST", { text: "x" })))).toBe("403 forbidden");
    expect((await reader.fetch("/chat/http/messages")).status).toBe(200);
    const guest = edge({ ...options, authorize: () => ({ can: ["read", "write"] }) });
    expect(await refusal(await guest.fetch("/chat/http", { method: "DELETE" }))).toBe("403 forbidden");
    expect(await refusal(await guest.fetch("/chat/http/versions"))).toBe("404 not_found");
  });
});
