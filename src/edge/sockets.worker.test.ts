import { describe, expect, test, vi } from "vitest";
import { Peer } from "../../test/engine/peer.ts";
import { edge, json, ORIGIN, refusal, versionOf, type Edge } from "../../test/worker/edge.ts";
import { ADMISSION_HEADER, DIALECT_HEADER } from "../room/api.ts";
import { deny } from "./index.ts";

const open = edge();

/** A way to connect a Peer to one path of a Worker. */
const at = (worker: Edge, path: string) => ({ fetch: (_: string, init: RequestInit) => worker.fetch(path, init) });

/** Lets in who says a name; `reader` only to read, `stranger` to nothing. */
const guarded = edge({
  origins: ["https://app.example"],
  authorize: ({ request }) => {
    const name = new URL(request.url).searchParams.get("as");
    if (name === null) return deny("unauthorized", "Say who you are.", { challenge: 'Bearer realm="rooms"' });
    if (name === "banned") return deny("forbidden", "You know why.");
    if (name === "stranger") return { can: [] };
    const user = { id: `id-${name}`, name };
    return {
      user,
      can: name === "root" ? ["read", "write", "admin"] : name === "writer" ? ["read", "write"] : ["read"],
    };
  },
});

describe("dialects", () => {
  test("the subprotocol selects native, and is the one that is answered", async () => {
    for (const offer of ["roomcast.v1", "token.abc, roomcast.v1", " roomcast.v1 ,x"]) {
      const headers = { upgrade: "websocket", "sec-websocket-protocol": offer };
      const upgraded = await open.fetch("/doc/native/ws", { headers });
      expect(upgraded.status).toBe(101);
      expect(upgraded.headers.get("sec-websocket-protocol")).toBe("roomcast.v1");
    }
    const { welcome, snapshot } = await Peer.live(at(open, "/doc/native/ws"));
    expect(welcome).toMatchObject({ kind: "document", can: ["read", "write", "admin"] });
    expect(snapshot.state).toEqual({});
  });

  test("without it a document speaks the simple wire format", async () => {
    const path = "/doc/simple/ws";
    const peer = await Peer.connect(at(open, path));
    expect(JSON.parse(await peer.line())).toEqual({ type: "snapshot", value: {} });
    await versionOf(await open.fetch("/doc/simple", json("PUT", { a: 1 })));
    expect(JSON.parse(await peer.line())).toMatchObject({ type: "patch", patch: { op: "set", value: { a: 1 } } });
    peer.socket.send('{"op":"merge","value":{"b":2}}');
    expect(JSON.parse(await peer.line())).toMatchObject({ type: "patch", patch: { op: "merge", value: { b: 2 } } });
    const upgraded = await open.fetch(path, { headers: { upgrade: "websocket", "sec-websocket-protocol": "other" } });
    expect(upgraded.headers.get("sec-websocket-protocol")).toBeNull();
    const second = new Peer(upgraded.webSocket as WebSocket);
    expect(JSON.parse(await second.line())).toEqual({ type: "snapshot", value: { a: 1, b: 2 } });
  });

  test("a room of another kind speaks native either way", async () => {
    const peer = await Peer.connect(at(open, "/room/counter/ws/ws"));
    expect(await peer.hello()).toMatchObject({ kind: "counter" });
    await peer.expect("snapshot");
    peer.mutate(1, { add: 2 });
    expect(await peer.expect("ops")).toMatchObject({ entries: [{ m: 1, ops: [{ add: 2 }] }] });
  });

  test("another version of WebSocket is refused", async () => {
    const headers = { upgrade: "websocket", "sec-websocket-version": "8" };
    expect(await refusal(await open.fetch("/doc/a/ws", { headers }))).toBe("400 bad_request");
  });
});

describe("closing", () => {
  const worker = edge({
    chats: (bindings) => bindings.CHATS,
    maps: (bindings) => bindings.MAPS,
    streams: (bindings) => bindings.STREAMS,
  });

  test.each([
    ["/doc/bye/ws", { "sec-websocket-protocol": "roomcast.v1" }],
    ["/doc/bye/ws", {}],
    ["/chat/bye", {}],
    ["/api/room/bye/websocket", {}],
    ["/api/map?id=bye", {}],
    ["/stream/bye/ws", {}],
    ["/subscribe?siteId=bye", {}],
  ])("E10 the close code of a client is answered with the same (%s %o)", async (path, headers) => {
    for (const [code, reason] of [
      [4001, "bye"],
      [1000, ""],
    ] as const) {
      const peer = await Peer.connect(at(worker, path), headers);
      peer.socket.close(code, reason);
      expect(await peer.closed).toEqual({ code, reason });
    }
  });

  test("E10 a close without a code is answered without one", async () => {
    const peer = await Peer.connect(at(worker, "/doc/bye/ws"));
    peer.socket.close();
    expect((await peer.closed).code).toBe(1005);
  });
});

describe("what a client claims in internal headers is not believed", () => {
  const forged = {
    [ADMISSION_HEADER]: JSON.stringify({ user: { id: "id-root" }, can: ["read", "write", "admin"] }),
    [DIALECT_HEADER]: "json-document",
  };

  test("E1 on a WebSocket", async () => {
    const { welcome, peer } = await Peer.live(at(guarded, "/doc/spoof/ws?as=reader"), {}, forged);
    expect(welcome).toMatchObject({ user: { id: "id-reader", name: "reader" }, can: ["read"] });
    peer.mutate(1, { type: "set", value: 1 });
    expect(await peer.expect("refused")).toMatchObject({ code: "forbidden", m: 1 });
  });

  test("E1 over HTTP", async () => {
    expect(await refusal(await guarded.fetch("/doc/spoof?as=reader", json("PUT", {}, forged)))).toBe("403 forbidden");
  });
});

describe("permissions", () => {
  test.each<[string, RequestInit, string, readonly string[]]>([
    ["", {}, "read", ["reader", "writer", "root"]],
    ["", { method: "HEAD" }, "read", ["reader", "writer", "root"]],
    ["/get", {}, "read", ["reader", "writer", "root"]],
    ["/history", {}, "read", ["reader", "writer", "root"]],
    ["/versions", {}, "read", ["reader", "writer", "root"]],
    ["", json("PUT", {}), "write", ["writer", "root"]],
    ["", json("PATCH", {}), "write", ["writer", "root"]],
    ["", json("POST", { intents: [{ type: "set", value: {} }] }), "write", ["writer", "root"]],
    ["/patch", json("POST", { op: "set", value: {} }), "write", ["writer", "root"]],
    ["/versions", json("POST", { name: "one" }), "write", ["writer", "root"]],
    ["/versions/one/restore", { method: "POST" }, "write", ["writer", "root"]],
    ["/versions/one", { method: "DELETE" }, "admin", ["root"]],
    ["", { method: "DELETE" }, "write", ["writer", "root"]],
  ])("E1 %s %j needs %s", async (path, init, _, allowed) => {
    await guarded.fetch("/doc/perm/versions?as=root", json("POST", { name: "one" }));
    for (const name of ["stranger", "reader", "writer", "root"]) {
      const response = await guarded.fetch(`/doc/perm${path}?as=${name}`, init);
      expect([name, response.status < 300]).toEqual([name, allowed.includes(name)]);
      expect(response.status < 300 || response.status === 403).toBe(true);
    }
  });

  test("E1 who may only write reads nothing, by no route", async () => {
    const worker = edge({ authorize: () => ({ can: ["write"] }) });
    await versionOf(await worker.fetch("/doc/mailbox", json("PATCH", { a: 1 })));
    for (const path of ["", "/get", "/events", "/history", "/presence", "/versions", "/versions/one", "/ws"]) {
      const response = await worker.fetch(`/doc/mailbox${path}`, { headers: { upgrade: "websocket" } });
      expect([path, await refusal(response)]).toEqual([path, "403 forbidden"]);
    }
  });

  test("401 carries its challenge, 403 none", async () => {
    const unknown = await guarded.fetch("/doc/perm");
    expect(unknown.headers.get("www-authenticate")).toBe('Bearer realm="rooms"');
    expect(await refusal(unknown)).toBe("401 unauthorized");
    const banned = await guarded.fetch("/doc/perm?as=banned");
    expect(banned.headers.get("www-authenticate")).toBeNull();
    expect(await banned.clone().json()).toEqual({ error: { code: "forbidden", message: "You know why." } });
    expect(await refusal(banned)).toBe("403 forbidden");
  });

  test("E1 the author of an op is who authorize says", async () => {
    await versionOf(await guarded.fetch("/doc/author?as=writer", json("PUT", { a: 1 })));
    const page = await (await guarded.fetch("/doc/author/history?as=reader")).json();
    expect(page).toMatchObject({ runs: [{ entries: [{ user: "id-writer" }] }] });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["no permissions", { user: { id: "a" } }],
    ["an unknown permission", { can: ["read", "everything"] }],
    ["a user without an id", { user: { name: "a" }, can: ["read"] }],
    ["a user with too long an id", { user: { id: "x".repeat(129) }, can: ["read"] }],
    ["a Response", new Response(null, { status: 200 })],
  ])("E1 an authorize that answers %s lets nobody in", async (_, answer) => {
    const heard: unknown[] = [];
    const worker = edge({ authorize: () => answer as never, onError: (error) => heard.push(error) });
    expect(await refusal(await worker.fetch("/doc/perm"))).toBe("500 internal");
    expect(heard).toHaveLength(1);
  });
});

describe("a faulty setup", () => {
  const unbound = (heard: unknown[]): Edge =>
    edge({
      rooms: { lost: (env) => (env as unknown as { NOWHERE: typeof env.COUNTERS }).NOWHERE },
      onError: (error) => heard.push(error),
    });

  test("E9 a missing binding is told to native sockets and over HTTP, and the log names kind, option, binding and remedy", async () => {
    const heard: unknown[] = [];
    const worker = unbound(heard);
    const headers = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" };
    const peer = new Peer((await worker.fetch("/room/lost/a/ws", { headers })).webSocket as WebSocket);
    const reason = 'internal: This server is not set up for rooms of kind "lost"; its log says what is missing.';
    expect(await peer.closed).toEqual({ code: 4404, reason });
    expect(await refusal(await worker.fetch("/room/lost/a"))).toBe("500 internal");
    expect(heard.map(String)).toEqual(
      Array.from(
        { length: 2 },
        () =>
          expect.stringMatching(
            /The option "rooms.lost" gives no Durable Object namespace for rooms of kind "lost": it reads env.NOWHERE. Add .*"durable_objects.bindings".*"new_sqlite_classes"/,
          ) as string,
      ),
    );
  });

  test("E9 missing bindings are logged when the Worker starts", () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      unbound([]);
      edge();
      expect(logged.mock.calls).toEqual([
        [expect.stringMatching(/^roomcast: The option "rooms.lost" gives no/) as string],
      ]);
    } finally {
      logged.mockRestore();
    }
  });

  test("E9 an authorize that throws is told to native sockets and over HTTP, without its reason", async () => {
    const heard: unknown[] = [];
    const boom = new Error("secret reason");
    const authorize = (): never => {
      throw boom;
    };
    const worker = edge({ authorize, onError: (error) => heard.push(error) });
    const headers = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" };
    const peer = new Peer((await worker.fetch("/doc/a/ws", { headers })).webSocket as WebSocket);
    const reason = 'internal: This server failed to authorize a room of kind "document"; its log says why.';
    expect(await peer.closed).toEqual({ code: 4404, reason });
    expect(await refusal(await worker.fetch("/doc/a"))).toBe("500 internal");
    expect(heard).toEqual([boom, boom]);
  });

  test("the log says that it was authorize, and for which kind", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const worker = edge({ authorize: () => ({ can: ["read", "fly"] }) as never });
      await worker.fetch("/doc/a?token=secret");
      const [[what, error] = []] = logged.mock.calls;
      expect(what).toBe('roomcast: GET /doc/a failed (kind "document")');
      expect(String(error)).toMatch(/authorize must answer .* for kind "document": can\.1: /);
    } finally {
      logged.mockRestore();
    }
  });

  test("origins that throw are told to native sockets too", async () => {
    const worker = edge({ origins: () => ["no origin"], onError: () => undefined });
    const headers = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1", origin: "https://a.example" };
    const peer = new Peer((await worker.fetch("/doc/a/ws", { headers })).webSocket as WebSocket);
    expect((await peer.closed).code).toBe(4404);
  });
});

describe("refused upgrades", () => {
  const native = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" };

  test.each([
    ["", 4502, "unauthorized: Say who you are."],
    ["?as=banned", 4503, "forbidden: You know why."],
    ["?as=stranger", 4503, 'forbidden: This needs the permission "read".'],
  ])("native: a socket that is closed at once with the code (%s)", async (query, code, reason) => {
    const response = await guarded.fetch(`/doc/a/ws${query}`, { headers: native });
    expect(response.headers.get("sec-websocket-protocol")).toBe("roomcast.v1");
    const peer = new Peer(response.webSocket as WebSocket);
    expect(await peer.closed).toEqual({ code, reason });
    expect(peer.unread).toEqual([]);
  });

  test("a room that is full is told as a room that may be tried again", async () => {
    const worker = edge({ rooms: { short: (bindings) => bindings.SHORT_COUNTERS } });
    const path = "/room/short/full-ws/ws";
    for (let n = 0; n < 3; n += 1) await Peer.live(at(worker, path));
    const response = await worker.fetch(path, { headers: native });
    const peer = new Peer(response.webSocket as WebSocket);
    expect((await peer.closed).code).toBe(4401);
    expect(await refusal(await worker.fetch(path, { headers: { upgrade: "websocket" } }))).toBe("503 room_full");
  });

  test("simple: the status", async () => {
    expect(await refusal(await guarded.fetch("/doc/a/ws", { headers: { upgrade: "websocket" } }))).toBe(
      "401 unauthorized",
    );
  });

  test.each([
    ["/doc/%ff/ws?as=root", "https://app.example", 4506, /^bad_room_id: ./],
    ["/doc/a/ws?as=root", "https://evil.example", 4507, /^origin_refused: ./],
    ["/doc/a/ws?as=root", "null", 4507, /^origin_refused: ./],
  ])(
    "E2 native: a wrong address or page is told as a close that is final (%s of %s)",
    async (path, origin, code, reason) => {
      const response = await guarded.fetch(path, { headers: { ...native, origin } });
      const peer = new Peer(response.webSocket as WebSocket);
      expect(await peer.closed).toEqual({ code, reason: expect.stringMatching(reason) as string });
      expect(peer.unread).toEqual([]);
      const simple = await guarded.fetch(path, { headers: { upgrade: "websocket", origin } });
      expect(simple.status).toBe(code === 4506 ? 400 : 403);
    },
  );

  test.each(["/room/tikets/a/ws", "/nowhere/a/ws"])(
    "E2 native: what is not there is told as final (%s)",
    async (path) => {
      const response = await guarded.fetch(path, { headers: native });
      const peer = new Peer(response.webSocket as WebSocket);
      expect(await peer.closed).toMatchObject({ code: 4508, reason: expect.stringMatching(/^not_found: ./) as string });
      expect((await guarded.fetch(path, { headers: { upgrade: "websocket" } })).status).toBe(404);
    },
  );

  test("what no socket could be opened for is a status in either", async () => {
    const headers = { ...native, "sec-websocket-version": "8" };
    expect(await refusal(await guarded.fetch("/doc/a/ws?as=root", { headers }))).toBe("400 bad_request");
  });

  test("a native request for something else than a socket gets a status", async () => {
    const headers = { "sec-websocket-protocol": "roomcast.v1" };
    expect(await refusal(await guarded.fetch("/doc/a", { headers }))).toBe("401 unauthorized");
  });
});

describe("names in any script", () => {
  test("reach the room as they are", async () => {
    const name = "Zoë \u{1F41D} \u2028 日本";
    const worker = edge({ authorize: () => ({ user: { id: "ü", name }, can: ["read"] }) });
    const { welcome } = await Peer.live(at(worker, "/doc/names/ws"));
    expect(welcome.user).toEqual({ id: "ü", name });
  });
});

describe("origins", () => {
  const ask = (origin: string, init: RequestInit = {}): Promise<Response> =>
    guarded.fetch("/doc/cors?as=root", { ...init, headers: { ...(init.headers as Record<string, string>), origin } });

  test("E2 a page of the Worker's own origin just works, on every host", async () => {
    expect((await ask(ORIGIN)).status).toBe(200);
    const local = await open.fetch("http://localhost:8787/doc/cors", { headers: { origin: "http://localhost:8787" } });
    expect(local.status).toBe(200);
    expect((await ask(ORIGIN)).headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each([
    ["a tunnel", "http://localhost:8787", "https://x-8787.app.github.dev", "x-8787.app.github.dev", 200],
    ["a tunnel with its port", "http://127.0.0.1:8787", "https://tunnel.example", "tunnel.example:443", 200],
    ["a tunnel in a chain", "http://[::1]:8787", "http://tunnel.example:81", "tunnel.example:81, localhost", 200],
    ["another page than the tunnel's", "http://localhost:8787", "https://evil.example", "tunnel.example", 403],
    ["a page on another port", "http://localhost:8787", "https://tunnel.example", "tunnel.example:444", 403],
    ["a host that is not local", "http://rooms.example", "https://evil.example", "evil.example", 403],
    ["a header that is no host", "http://localhost:8787", "https://evil.example", "x@evil.example", 403],
    ["no such header", "http://localhost:8787", "https://evil.example", "", 403],
  ])("E2 behind %s the own origin is that of X-Forwarded-Host", async (_, url, origin, forwarded, status) => {
    const headers = { origin, "x-forwarded-host": forwarded };
    expect((await open.fetch(`${url}/doc/tunnel`, { headers })).status).toBe(status);
    expect((await open.fetch(`${url}/doc/tunnel`, { method: "OPTIONS", headers })).status).toBe(
      status === 200 ? 204 : 403,
    );
    const upgraded = await open.fetch(`${url}/doc/tunnel/ws`, { headers: { ...headers, upgrade: "websocket" } });
    expect(upgraded.status).toBe(status === 200 ? 101 : 403);
  });

  test("E2 the refusal names the origin, the address it was compared with, and the option", async () => {
    const { error } = await (await ask("https://evil.example")).json<{ error: { message: string } }>();
    expect(error.message).toBe(
      `Pages of https://evil.example may not use these rooms, which are at ${ORIGIN}. To let them, list the origin in the option \`origins\` of the Worker.`,
    );
  });

  test("E2 a listed page may read the answer, refusals too", async () => {
    const response = await ask("https://app.example");
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(response.headers.get("access-control-expose-headers")).toContain("ETag");
    expect(response.headers.get("vary")).toBe("Origin");
    const missing = await guarded.fetch("/doc/cors", { headers: { origin: "https://app.example" } });
    expect(missing.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(missing.status).toBe(401);
    const cached = await ask("https://app.example", {
      headers: { "if-none-match": response.headers.get("etag") ?? "" },
    });
    expect([cached.status, cached.headers.get("access-control-allow-origin")]).toEqual([304, "https://app.example"]);
  });

  test("a preflight is answered without asking who it is", async () => {
    const headers = { "access-control-request-method": "PATCH", "access-control-request-headers": "if-match" };
    const init = { method: "OPTIONS", headers: { ...headers, origin: "https://app.example" } };
    const response = await guarded.fetch("/doc/cors", init);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(response.headers.get("access-control-allow-headers")).toBe("if-match");
    const evil = await guarded.fetch("/doc/cors", { ...init, headers: { ...headers, origin: "https://evil.example" } });
    expect(evil.headers.get("access-control-allow-origin")).toBeNull();
    expect(await refusal(evil)).toBe("403 origin_refused");
  });

  test.each(["https://evil.example", "null", "https://app.example.evil.example", "http://app.example", ""])(
    "E2 %s is refused, and nothing is written",
    async (origin) => {
      expect(await refusal(await ask(origin, json("PUT", { evil: origin })))).toBe("403 origin_refused");
      expect(await (await ask(ORIGIN)).json()).toEqual({});
    },
  );

  test("a list may come from the environment, and a star is taken at its word", async () => {
    const worker = edge({ origins: () => ["*"] });
    const response = await worker.fetch("/doc/cors", { headers: { origin: "https://anywhere.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("a list that is none fails when the Worker starts", () => {
    expect(() => edge({ origins: ["app.example"] })).toThrow(TypeError);
  });
});
