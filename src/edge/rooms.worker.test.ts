import { describe, expect, test } from "vitest";
import { Peer } from "../../test/engine/peer.ts";
import { edge, json, ORIGIN, refusal, versionOf } from "../../test/worker/edge.ts";
import { createRoutes, createWorker, deny } from "./index.ts";
import { env } from "cloudflare:workers";

const { fetch } = edge();

interface Saved {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
}

describe("rooms of a user's own kind", () => {
  test("are read, written and cleared", async () => {
    expect(await (await fetch("/room/counter/a")).json()).toEqual({ count: 0 });
    const version = await versionOf(
      await fetch("/room/counter/a", json("POST", { intents: [{ add: 2 }, { add: 3 }] })),
    );
    const read = await fetch("/room/counter/a");
    expect([await read.json(), read.headers.get("etag")]).toEqual([{ count: 5 }, `"${version}"`]);
    const stale = await fetch("/room/counter/a", json("POST", { intents: [{ add: 1 }] }, { "if-match": '"x.1"' }));
    expect(await refusal(stale)).toBe("412 version_mismatch");
    expect(await refusal(await fetch("/room/counter/a", json("POST", { intents: [{ add: "1" }] })))).toBe(
      "400 bad_intent",
    );
    await versionOf(await fetch("/room/counter/a", { method: "DELETE" }));
    expect(await (await fetch("/room/counter/a")).json()).toEqual({ count: 0 });
  });

  test("E5 a kind that throws is a 500 that says nothing of the cause", async () => {
    const response = await fetch("/room/counter/a", json("POST", { intents: [{ add: 13 }] }));
    expect(await response.clone().text()).not.toContain("thrown on purpose");
    expect(await refusal(response)).toBe("500 internal");
  });

  test("have no PUT and no PATCH", async () => {
    for (const method of ["PUT", "PATCH"]) {
      const response = await fetch("/room/counter/a", json(method, {}));
      expect(response.headers.get("allow")).toBe("GET, HEAD, POST, DELETE, OPTIONS");
      expect(await refusal(response)).toBe("405 method_not_allowed");
    }
  });

  test.each(["nothing", "document", "__proto__", "constructor", "toString", "COUNTER", "count%65r"])(
    "%s is no kind",
    async (kind) => expect(await refusal(await fetch(`/room/${kind}/a`))).toBe("404 not_found"),
  );
});

test("a document and a room of the same id are not the same", async () => {
  await versionOf(await fetch("/doc/same", json("PUT", { a: 1 })));
  expect(await (await fetch("/room/counter/same")).json()).toEqual({ count: 0 });
});

describe("room ids", () => {
  test.each(["%", "%zz", "%ff", "a%00b", "a%0Ab", "%7F", "x".repeat(257)])(
    "%s is refused on every route",
    async (id) => {
      for (const path of ["", "/get", "/ws", "/events", "/history", "/versions"]) {
        expect(await refusal(await fetch(`/doc/${id}${path}`))).toBe("400 bad_room_id");
      }
      expect(await refusal(await fetch(`/room/counter/${id}`))).toBe("400 bad_room_id");
    },
  );

  test("decode once: the same room however it is written, and no other", async () => {
    await versionOf(await fetch("/doc/a%2520b", json("PUT", { is: "percent" })));
    await versionOf(await fetch("/doc/a%20b", json("PUT", { is: "space" })));
    await versionOf(await fetch("/doc/x%2Fy", json("PUT", { is: "slash" })));
    const is = async (path: string): Promise<unknown> => (await (await fetch(path)).json<{ is?: string }>()).is;
    expect(await is("/doc/a%2520b")).toBe("percent");
    expect(await is("/doc/%61%20b")).toBe("space");
    expect(await is("/doc/x%2fy")).toBe("slash");
    expect((await env.DOCUMENTS.getByName("x/y").readText()).text).toBe('{"is":"slash"}');
    expect((await env.DOCUMENTS.getByName("a%20b").readText()).text).toBe('{"is":"percent"}');
  });
});

describe("history", () => {
  test("is read by range", async () => {
    for (const n of [1, 2, 3]) await versionOf(await fetch("/doc/h", json("PATCH", { n })));
    const page = await (await fetch("/doc/h/history?from=2&limit=1")).json();
    expect(page).toMatchObject({
      runs: [{ seq: 2, entries: [{ ops: [{ type: "merge", value: { n: 2 } }] }] }],
      next: 3,
      oldest: 1,
    });
    const rest = await (await fetch("/doc/h/history?from=3")).json();
    expect(rest).toMatchObject({ runs: [{ seq: 3 }] });
    expect(rest).not.toHaveProperty("next");
  });

  test.each(["from=0", "from=-1", "from=1.5", "from=", "from=1e3", "limit=0", "limit=1001", "from=99999999999999999"])(
    "%s is refused",
    async (query) => expect(await refusal(await fetch(`/doc/h/history?${query}`))).toBe("400 bad_request"),
  );
});

describe("named versions", () => {
  test("are saved, listed, read, restored and deleted", async () => {
    const before = await versionOf(await fetch("/doc/v", json("PUT", { a: 1 })));
    const saved = await fetch("/doc/v/versions", json("POST", { name: "first draft/1" }));
    expect(saved.status).toBe(201);
    expect(saved.headers.get("location")).toBe("/doc/v/versions/first%20draft%2F1");
    expect(await saved.json<Saved>()).toMatchObject({ name: "first draft/1", version: before, bytes: 7 });
    await versionOf(await fetch("/doc/v", json("PUT", { a: 2 })));

    const listed = await (await fetch("/doc/v/versions")).json<{ versions: readonly Saved[] }>();
    expect(listed.versions.map(({ name }) => name)).toEqual(["first draft/1"]);
    const read = await fetch(saved.headers.get("location") ?? "");
    expect([await read.json(), read.headers.get("etag")]).toEqual([{ a: 1 }, `"${before}"`]);

    const restored = await versionOf(await fetch("/doc/v/versions/first%20draft%2F1/restore", { method: "POST" }));
    expect(restored.split(".")[0]).not.toBe(before.split(".")[0]);
    expect(await (await fetch("/doc/v")).json()).toEqual({ a: 1 });
    expect(await (await fetch("/doc/v/versions/before-restore")).json()).toEqual({ a: 2 });
    await versionOf(await fetch("/doc/v/versions/first%20draft%2F1", { method: "DELETE" }));
    expect(await refusal(await fetch("/doc/v/versions/first%20draft%2F1"))).toBe("404 not_found");
  });

  test("of rooms of other kinds too", async () => {
    await versionOf(await fetch("/room/counter/v", json("POST", { intents: [{ add: 1 }] })));
    expect((await fetch("/room/counter/v/versions", json("POST", { name: "one" }))).status).toBe(201);
    expect(await (await fetch("/room/counter/v/versions/one")).json()).toEqual({ count: 1 });
  });

  test.each<[string, string, RequestInit, string]>([
    ["no name", "", json("POST", {}), "400 bad_message"],
    ["a name that is no text", "", json("POST", { name: 1 }), "400 bad_message"],
    ["an empty name", "", json("POST", { name: "" }), "400 bad_request"],
    ["a long name", "", json("POST", { name: "x".repeat(65) }), "400 bad_request"],
    ["a name with a line end", "", json("POST", { name: "a\nb" }), "400 bad_request"],
    ["a malformed escape", "/%zz", {}, "400 bad_request"],
    ["an unknown name", "/nowhere", {}, "404 not_found"],
    ["an unknown name to delete", "/nowhere", { method: "DELETE" }, "404 not_found"],
    ["an unknown name to restore", "/nowhere/restore", { method: "POST" }, "404 not_found"],
    [
      "a condition that would not be checked",
      "/nowhere/restore",
      { method: "POST", headers: { "if-match": '"x"' } },
      "400 bad_request",
    ],
  ])("%s", async (_, path, init, expected) => {
    expect(await refusal(await fetch(`/doc/v/versions${path}`, init))).toBe(expected);
  });
});

describe("methods and paths", () => {
  test.each<[string, string]>([
    ["/doc/a", "GET, HEAD, POST, DELETE, PUT, PATCH, OPTIONS"],
    ["/doc/a/get", "GET, HEAD, OPTIONS"],
    ["/doc/a/patch", "POST, OPTIONS"],
    ["/doc/a/ws", "GET, OPTIONS"],
    ["/doc/a/events", "GET, HEAD, OPTIONS"],
    ["/doc/a/history", "GET, HEAD, OPTIONS"],
    ["/doc/a/versions", "GET, HEAD, POST, OPTIONS"],
    ["/doc/a/versions/x", "GET, HEAD, DELETE, OPTIONS"],
    ["/doc/a/versions/x/restore", "POST, OPTIONS"],
  ])("%s takes %s", async (path, allow) => {
    const options = await fetch(path, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, allow]);
    const response = await fetch(path, { method: "PROPFIND" });
    expect(response.headers.get("allow")).toBe(allow);
    expect(await refusal(response)).toBe("405 method_not_allowed");
  });

  test.each([
    "/",
    "/doc",
    "/doc/",
    "/doc/a/",
    "/doc/a/nothing",
    "/room",
    "/room/counter",
    "/docs/a",
    "/doc/a/versions/x/y",
    "//doc/a",
  ])("%s is nobody's", async (path) => expect(await refusal(await fetch(ORIGIN + path))).toBe("404 not_found"));

  test("a plain GET of a WebSocket is 426", async () => {
    const response = await fetch("/doc/a/ws");
    expect(response.headers.get("upgrade")).toBe("websocket");
    expect(await refusal(response)).toBe("426 upgrade_required");
  });
});

describe("as a part of a larger Worker", () => {
  const routes = createRoutes<Cloudflare.Env>({ documents: (bindings) => bindings.DOCUMENTS, basePath: "/api" });
  const ask = (path: string): Promise<Response | undefined> => routes.fetch(new Request(ORIGIN + path), env);

  test("its own paths are answered, all others left alone", async () => {
    expect((await ask("/api/doc/a"))?.status).toBe(200);
    expect((await ask("/api/doc/%zz"))?.status).toBe(400);
    for (const path of ["/", "/doc/a", "/api", "/api/doc/a/mine", "/api/room/counter/a"]) {
      expect(await ask(path)).toBeUndefined();
    }
  });

  test.each<[string, RequestInit, string | undefined]>([
    ["/api/doc/a/", {}, "404 not_found"],
    ["/api/doc/a/histroy", {}, "404 not_found"],
    ["/api/doc/a/histroy", { method: "PUT", body: "{}" }, "404 not_found"],
    ["/api/doc/a/histroy", { method: "DELETE" }, "404 not_found"],
    ["/api/doc/a/histroy", { headers: { upgrade: "websocket", accept: "text/html" } }, "404 not_found"],
    ["/api/doc", {}, "404 not_found"],
    ["/api/room/nokind/x", {}, "404 not_found"],
    ["/api/room/nokind/x/ws", { headers: { upgrade: "websocket" } }, "404 not_found"],
    ["/elsewhere", { method: "POST" }, "404 not_found"],
    ["/elsewhere", { headers: { upgrade: "websocket" } }, "404 not_found"],
    ["/api/doc/a/histroy", { headers: { accept: "text/html,*/*" } }, undefined],
    ["/elsewhere.png", {}, undefined],
    ["/api/documents/a", {}, undefined],
  ])("E11 what nobody answers is a 404, unless it may be a page or a file: %s %o", async (path, init, answer) => {
    const request = new Request(ORIGIN + path, init);
    const response = (await routes.fetch(request, env)) ?? routes.notFound(request);
    expect(response === undefined ? undefined : await refusal(response)).toBe(answer);
  });

  test("a native client is told that there is no such route", async () => {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" };
    const socket = routes.notFound(new Request(`${ORIGIN}/api/doc/a/sw`, { headers }))?.webSocket;
    expect((await new Peer(socket as WebSocket).closed).code).toBe(4508);
  });

  test("says where a saved version is, with its base", async () => {
    const request = new Request(`${ORIGIN}/api/doc/loc/versions`, json("POST", { name: "one" }));
    expect((await routes.fetch(request, env))?.headers.get("location")).toBe("/api/doc/loc/versions/one");
  });

  test.each(["api", "/api/", "/:id", "/a b"])("%j is no base", (basePath) => {
    expect(() => createRoutes({ basePath })).toThrow(TypeError);
  });
});

describe("faults", () => {
  const heard: unknown[] = [];
  const broken = (
    name: "authorize" | "documents",
    fail: () => never,
  ): { fetch: (path: string) => Promise<Response> } => {
    const worker = edge({ [name]: fail, onError: (error) => heard.push(error) });
    return { fetch: (path) => worker.fetch(path) };
  };

  test.each(["authorize", "documents"] as const)("E5 a %s that throws is a 500 without its reason", async (name) => {
    heard.length = 0;
    const error = new Error("secret reason");
    const response = await broken(name, () => {
      throw error;
    }).fetch("/doc/a");
    expect(await response.clone().text()).not.toContain("secret");
    expect(await refusal(response)).toBe("500 internal");
    expect(heard).toEqual([error]);
  });

  test("A8 an intent that a kind without a schema does not expect is refused as one", async () => {
    const worker = edge({ rooms: { unchecked: (bindings) => bindings.UNCHECKED } });
    const post = (intents: unknown): Promise<Response> => worker.fetch("/room/unchecked/a", json("POST", { intents }));
    for (const intent of [null, { at: null }, {}, 7, "text", []]) {
      expect([intent, await refusal(await post([intent]))]).toEqual([intent, "400 bad_intent"]);
    }
    await versionOf(await post([{ at: { add: 1 } }]));
    expect(await (await worker.fetch("/room/unchecked/a")).json()).toEqual({ count: 1 });
  });

  test("E5 a full disk is a 507, and tells native sockets to try again", async () => {
    const full = (): never => {
      throw new Error("database or disk is full: SQLITE_FULL");
    };
    const worker = broken("documents", full);
    expect(await refusal(await worker.fetch("/doc/a"))).toBe("507 storage_full");
    const headers = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" };
    const socket = (await edge({ documents: full, onError: () => undefined }).fetch("/doc/a/ws", { headers }))
      .webSocket;
    expect((await new Peer(socket as WebSocket).closed).code).toBe(4402);
  });

  test("E5 an overloaded room is a 429", async () => {
    heard.length = 0;
    const overloaded = Object.assign(new Error("Durable Object is overloaded."), { overloaded: true });
    const response = await broken("documents", () => {
      throw overloaded;
    }).fetch("/doc/a");
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await refusal(response)).toBe("429 too_many_requests");
  });

  test("a Worker of nothing answers 404, and one that denies everybody 403", async () => {
    const nothing = createWorker<Cloudflare.Env>({});
    const denying = edge({ authorize: () => deny("forbidden", "Not today.") });
    expect(nothing).toHaveProperty("fetch");
    expect(await refusal(await denying.fetch("/doc/a"))).toBe("403 forbidden");
  });
});

describe("Q12 rooms of one address", () => {
  const limited = edge({ awakeRooms: 2 });
  const from = (address: string, headers: Record<string, string> = {}) => ({
    headers: { "cf-connecting-ip": address, ...headers },
  });

  test("past the bound are refused with the time to wait, and the others go on", async () => {
    for (const id of ["awake-1", "awake-2", "awake-1"]) {
      expect((await limited.fetch(`/room/counter/${id}`, from("192.0.2.1"))).status).toBe(200);
    }
    const refused = await limited.fetch("/doc/awake-3", from("192.0.2.1"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusal(refused)).toBe("429 too_many_requests");
    expect((await limited.fetch("/room/counter/awake-1", from("192.0.2.1"))).status).toBe(200);
    expect((await limited.fetch("/doc/awake-3", from("192.0.2.2"))).status).toBe(200);
  });

  test("past the bound close a native socket with a code that clients retry", async () => {
    for (const id of ["awake-1", "awake-2"]) await limited.fetch(`/doc/${id}`, from("192.0.2.3"));
    const upgrade = { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" };
    const { webSocket } = await limited.fetch("/doc/awake-3/ws", from("192.0.2.3", upgrade));
    const closed = new Promise<number>((resolve) => webSocket?.addEventListener("close", ({ code }) => resolve(code)));
    webSocket?.accept();
    expect(await closed).toBe(4400);
  });

  test("are not counted by default, nor those that were refused before", async () => {
    for (const id of ["a", "b", "c"]) expect((await fetch(`/doc/awake-${id}`, from("192.0.2.4"))).status).toBe(200);
    for (const id of ["", "%00", "%zz"]) await limited.fetch(`/doc/${id}`, from("192.0.2.4"));
    for (const id of ["awake-1", "awake-2"]) {
      expect((await limited.fetch(`/doc/${id}`, from("192.0.2.4"))).status).toBe(200);
    }
  });
});
