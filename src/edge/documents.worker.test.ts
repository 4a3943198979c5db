import { describe, expect, test } from "vitest";
import { Peer } from "../../test/engine/peer.ts";
import { edge, json, refusal, versionOf } from "../../test/worker/edge.ts";

const { fetch } = edge();
const value = async (id: string): Promise<unknown> => (await fetch(`/doc/${id}`)).json();
const raw = (body: string): RequestInit => ({
  method: "PUT",
  body,
  headers: { "content-type": "application/json" },
});
let names = 0;
const fresh = (): string => `d${(names += 1)}`;

const MERGE_PATCH = { "content-type": "application/merge-patch+json" };
const JSON_PATCH = { "content-type": "application/json-patch+json" };
const ADD_B = { op: "add", path: "/b", value: 1 };

describe("reading", () => {
  test("D1 E3 an empty document is {}, with its version as ETag", async () => {
    const response = await fetch(`/doc/${fresh()}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("cache-control")).toContain("no-cache");
    expect(response.headers.get("etag")).toMatch(/^"[a-z0-9]+\.0"$/);
    expect(await response.text()).toBe("{}");
  });

  test("E3 304 for what the reader has, in every form of If-None-Match", async () => {
    const id = fresh();
    const version = await versionOf(await fetch(`/doc/${id}`, json("PUT", { a: 1 })));
    const status = async (header: string): Promise<number> => {
      const response = await fetch(`/doc/${id}`, { headers: { "if-none-match": header } });
      expect(response.headers.get("etag")).toBe(`"${version}"`);
      expect(await response.text()).toBe(response.status === 304 ? "" : '{"a":1}');
      return response.status;
    };
    expect(await status(`"${version}"`)).toBe(304);
    expect(await status(`W/"${version}"`)).toBe(304);
    expect(await status(`"x", "${version}"`)).toBe(304);
    expect(await status("*")).toBe(304);
    expect(await status('"x"')).toBe(200);
  });

  test("HEAD is GET without the body", async () => {
    const id = fresh();
    const version = await versionOf(await fetch(`/doc/${id}`, json("PUT", { a: 1 })));
    const response = await fetch(`/doc/${id}`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe(`"${version}"`);
    expect(await response.text()).toBe("");
    const cached = await fetch(`/doc/${id}`, { method: "HEAD", headers: { "if-none-match": `"${version}"` } });
    expect(cached.status).toBe(304);
  });

  test("E3 If-Match of a read that is elsewhere is 412", async () => {
    const id = fresh();
    expect(await refusal(await fetch(`/doc/${id}`, { headers: { "if-match": '"x"' } }))).toBe("412 version_mismatch");
  });
});

describe("writing", () => {
  test("D2 PUT sets, PATCH changes by content type, DELETE empties", async () => {
    const id = fresh();
    const first = await versionOf(await fetch(`/doc/${id}`, json("PUT", { a: { b: 1 }, c: [1], é: "\u2028" })));
    expect(await value(id)).toEqual({ a: { b: 1 }, c: [1], é: "\u2028" });
    await versionOf(await fetch(`/doc/${id}`, json("PATCH", { a: { z: 2 }, é: 0 })));
    expect(await value(id)).toEqual({ a: { z: 2 }, c: [1], é: 0 });
    await versionOf(await fetch(`/doc/${id}`, json("PATCH", { a: { y: 3 }, é: null }, MERGE_PATCH)));
    expect(await value(id)).toEqual({ a: { z: 2, y: 3 }, c: [1] });
    const operations = [
      { op: "test", path: "/a/y", value: 3 },
      { op: "add", path: "/c/-", value: 2 },
    ];
    const last = await versionOf(
      await fetch(
        `/doc/${id}`,
        json("PATCH", operations, { "content-type": "Application/JSON-Patch+json; charset=utf-8" }),
      ),
    );
    expect(await value(id)).toEqual({ a: { z: 2, y: 3 }, c: [1, 2] });
    const [epoch] = first.split(".");
    expect([first, last]).toEqual([`${epoch}.1`, `${epoch}.4`]);
    const cleared = await versionOf(await fetch(`/doc/${id}`, { method: "DELETE" }));
    expect(cleared.split(".")[0]).not.toBe(epoch);
    expect(await value(id)).toEqual({});
  });

  test("any JSON value is a document", async () => {
    const id = fresh();
    for (const body of ["null", "[]", '"text"', "0", " { } "]) {
      await versionOf(await fetch(`/doc/${id}`, raw(body)));
      expect(await value(id)).toEqual(JSON.parse(body));
    }
  });

  test("D5 keys that mean something elsewhere are data, and go through every route", async () => {
    const id = fresh();
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":2}}';
    await versionOf(await fetch(`/doc/${id}`, raw(text)));
    expect(await (await fetch(`/doc/${id}`)).text()).toBe(text);
    expect(await (await fetch(`/doc/${id}/get`)).text()).toBe(text);
    expect(await (await fetch(`/doc/${id}/history`)).text()).toContain(text);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("POST takes intents, as one or not at all", async () => {
    const id = fresh();
    const intents = [
      { type: "set", value: { n: 1 } },
      { type: "update", fields: [{ op: "increment", path: "/n", by: 4 }] },
    ];
    const version = await versionOf(await fetch(`/doc/${id}`, json("POST", { intents })));
    expect(await value(id)).toEqual({ n: 5 });
    const failing = [
      { type: "merge", value: { n: 6 } },
      { type: "jsonPatch", patch: [{ op: "test", path: "/n", value: 0 }] },
    ];
    const response = await fetch(`/doc/${id}`, json("POST", { intents: failing }));
    expect(await response.clone().json()).toMatchObject({ error: { intent: 1 } });
    expect(await refusal(response)).toBe("409 conflict");
    expect(await value(id)).toEqual({ n: 5 });
    const stale = await fetch(`/doc/${id}`, json("POST", { intents, ifVersion: "x.1" }));
    expect(await refusal(stale)).toBe("412 version_mismatch");
    const both = await fetch(`/doc/${id}`, json("POST", { intents, ifVersion: "x.1" }, { "if-match": `"${version}"` }));
    expect(await refusal(both)).toBe("412 version_mismatch");
    await versionOf(await fetch(`/doc/${id}`, json("POST", { intents, ifVersion: version })));
  });
});

describe("what changes nothing", () => {
  const SAME: readonly unknown[] = [
    { type: "set", value: { a: { b: 1 }, n: 0 } },
    { type: "merge", value: { n: 0 } },
    { type: "mergePatch", patch: { a: { gone: null } } },
    { type: "jsonPatch", patch: [{ op: "test", path: "/n", value: 0 }] },
    { type: "update", fields: [{ op: "increment", path: "/n", by: 0 }] },
  ];

  test("D6 is answered, over HTTP and on a socket, and not logged", async () => {
    const id = fresh();
    const version = await versionOf(await fetch(`/doc/${id}`, json("PUT", { n: 0, a: { b: 1 } })));
    const history = await (await fetch(`/doc/${id}/history`)).text();
    const { peer } = await Peer.live({ fetch: (_, init) => fetch(`/doc/${id}/ws`, init) });
    for (const [index, intent] of SAME.entries()) {
      expect(await versionOf(await fetch(`/doc/${id}`, json("POST", { intents: [intent] })))).toBe(version);
      peer.mutate(index + 1, intent);
      expect(await peer.next()).toEqual({ t: "done", m: index + 1 });
    }
    expect(await (await fetch(`/doc/${id}/history`)).text()).toBe(history);
  });
});

describe("preconditions", () => {
  test("E3 If-Match writes only over what the writer has seen", async () => {
    const id = fresh();
    const first = await versionOf(await fetch(`/doc/${id}`, json("PUT", { n: 1 })));
    const second = await versionOf(await fetch(`/doc/${id}`, json("PATCH", { n: 2 }, { "if-match": `"${first}"` })));
    const late = (header: string, method = "PATCH"): Promise<string> =>
      fetch(`/doc/${id}`, json(method, { n: 9 }, { "if-match": header })).then(refusal);
    expect(await late(`"${first}"`)).toBe("412 version_mismatch");
    expect(await late(`"${first}"`, "PUT")).toBe("412 version_mismatch");
    expect(await late(`"${first}"`, "DELETE")).toBe("412 version_mismatch");
    expect(await late(`W/"${second}"`)).toBe("412 version_mismatch");
    expect(await late('"nonsense"')).toBe("412 version_mismatch");
    expect(await late(`"${first}", "x"`)).toBe("412 version_mismatch");
    expect(await value(id)).toEqual({ n: 2 });
    await versionOf(await fetch(`/doc/${id}`, json("PATCH", { n: 3 }, { "if-match": `"${first}", "${second}"` })));
    await versionOf(await fetch(`/doc/${id}`, json("PATCH", { n: 4 }, { "if-match": "*" })));
    expect(await value(id)).toEqual({ n: 4 });
  });

  test("E3 * asks whether there is anything: If-None-Match creates once", async () => {
    const id = fresh();
    expect(await refusal(await fetch(`/doc/${id}`, json("PUT", {}, { "if-match": "*" })))).toBe("412 version_mismatch");
    const create = (): Promise<Response> => fetch(`/doc/${id}`, json("PUT", { n: 1 }, { "if-none-match": "*" }));
    const outcomes = await Promise.all([create(), create(), create()]);
    expect(outcomes.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    await fetch(`/doc/${id}`, { method: "DELETE" });
    await versionOf(await create());
  });

  test("E3 a condition that is true is never refused, however many write at once", async () => {
    const id = fresh();
    const asking = [{ "if-none-match": '"nope"' }, { "if-match": "*" }, { "if-none-match": 'W/"no", "nope"' }];
    await versionOf(await fetch(`/doc/${id}`, json("PUT", { n: 0 })));
    const responses = await Promise.all(
      Array.from({ length: 30 }, (_, n) => fetch(`/doc/${id}`, json("PATCH", { n }, asking[n % 3] ?? {}))),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
  });

  test("E3 A7 a reader does not move the version of a document that nobody has written to", async () => {
    const id = fresh();
    const etag = (await fetch(`/doc/${id}`)).headers.get("etag") ?? "";
    expect(etag).toBe('"0.0"');
    await (await fetch(`/doc/${id}/events`)).body?.cancel();
    expect((await fetch(`/doc/${id}`)).headers.get("etag")).not.toBe(etag);
    await versionOf(await fetch(`/doc/${id}`, json("PUT", { n: 1 }, { "if-match": etag })));
    expect(await refusal(await fetch(`/doc/${id}`, json("PUT", {}, { "if-match": etag })))).toBe(
      "412 version_mismatch",
    );
    await versionOf(await fetch(`/doc/${id}`, { method: "DELETE" }));
    expect(await refusal(await fetch(`/doc/${id}`, json("PUT", {}, { "if-match": etag })))).toBe(
      "412 version_mismatch",
    );
  });

  test("E3 of ten writers with the same ETag one wins", async () => {
    const id = fresh();
    const version = await versionOf(await fetch(`/doc/${id}`, json("PUT", { n: 0 })));
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        fetch(`/doc/${id}`, json("PATCH", { n: n + 1 }, { "if-match": `"${version}"` })),
      ),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 412)).toHaveLength(9);
  });

  test.each(["nonsense", '"open', "", '"a" "b"', '*, "a"', "W/x", '"a";q=1'])(
    "If-Match: %s is malformed",
    async (header) => {
      const id = fresh();
      expect(await refusal(await fetch(`/doc/${id}`, json("PUT", {}, { "if-match": header })))).toBe("400 bad_request");
      expect(await refusal(await fetch(`/doc/${id}`, { headers: { "if-none-match": header } }))).toBe(
        "400 bad_request",
      );
    },
  );
});

describe("idempotency", () => {
  const add = { intents: [{ type: "update", fields: [{ op: "increment", path: "/n" }] }] };

  test("a key is applied once, however often and however late it comes", async () => {
    const id = fresh();
    const send = (key: string): Promise<Response> => fetch(`/doc/${id}`, json("POST", add, { "idempotency-key": key }));
    await versionOf(await send("one"));
    await versionOf(await send("one"));
    await Promise.all([send("two"), send("two"), send('"two"')]);
    await versionOf(await send("one"));
    expect(await value(id)).toEqual({ n: 2 });
  });

  test.each(["PUT", "PATCH", "DELETE", "GET"])(
    "E3 a weak If-Match is told that it can never succeed (%s)",
    async (method) => {
      const { etag } = Object.fromEntries((await fetch("/doc/weak")).headers);
      const headers = { "if-match": `W/${etag}, W/"x"` };
      const response = await fetch("/doc/weak", method === "GET" ? { headers } : json(method, {}, headers));
      const { error } = await response.clone().json<{ error: { message: string } }>();
      expect(await refusal(response)).toBe("412 version_mismatch");
      expect(error.message).toMatch(/^If-Match compares strongly, so a weak tag .* Send the ETag without W/);
    },
  );

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])(
    "an upgrade by %s is refused, and drops no write unseen",
    async (method) => {
      const init = { method, headers: { upgrade: "websocket", "content-type": "application/json" } };
      for (const path of ["/doc/upgraded", "/doc/upgraded/ws"]) expect((await fetch(path, init)).status).toBe(400);
    },
  );

  test("E12 a number that would be stored as another is refused, by every way in", async () => {
    const text = '{"n":{"id":12345678901234567890}}';
    const intents = `{"intents":[{"type":"set","value":${text}}]}`;
    const headers = { "content-type": "application/json" };
    for (const [path, method, body] of [
      ["/doc/exact", "PUT", text],
      ["/doc/exact", "PATCH", text],
      ["/doc/exact", "POST", intents],
      ["/doc/exact/patch", "POST", `{"op":"set","value":${text}}`],
    ] as const) {
      const response = await fetch(path, { method, body, headers });
      const { error } = await response.clone().json<{ error: { message: string } }>();
      expect(await refusal(response)).toBe("400 bad_message");
      expect(error.message).toBe(
        "The number 12345678901234567890 would be stored as 12345678901234567000: send it as a string.",
      );
    }
    const { peer } = await Peer.live({ fetch: (_, init) => fetch("/doc/exact/ws", init) });
    peer.socket.send(`{"t":"mutate","m":1,"intents":[{"type":"set","value":${text}}]}`);
    expect(await peer.expect("refused")).toMatchObject({ m: 1, code: "bad_message" });
    const simple = await Peer.connect({ fetch: (_, init) => fetch("/doc/exact/ws", init) });
    await simple.line();
    simple.socket.send(`{"op":"set","value":${text}}`);
    expect(await simple.line()).toContain("send it as a string");
    expect(await (await fetch("/doc/exact")).text()).toBe("{}");
  });

  test("a replay is answered as applied though its If-Match is long past", async () => {
    const id = fresh();
    const first = await versionOf(await fetch(`/doc/${id}`, json("PUT", { n: 1 })));
    for (const match of [`"${first}"`, `"${first}", "x"`]) {
      const headers = { "if-match": match, "idempotency-key": "k" };
      await versionOf(await fetch(`/doc/${id}`, json("POST", add, headers)));
    }
    expect(await value(id)).toEqual({ n: 2 });
  });

  test.each(["", " ", "x".repeat(129), "caf\u00e9", "a\tb"])("%j is no key", async (key) => {
    const response = await fetch(`/doc/${fresh()}`, json("POST", add, { "idempotency-key": key }));
    expect(await refusal(response)).toBe("400 bad_request");
  });
});

describe("refused bodies change nothing", () => {
  test.each<[string, string, RequestInit, string]>([
    ["PUT of half of JSON", "", raw('{"a":'), "400 bad_json"],
    ["PUT of nothing", "", { method: "PUT" }, "400 bad_json"],
    ["PUT of bytes", "", { method: "PUT", body: new Uint8Array([0x22, 0xff, 0x22]) }, "400 bad_json"],
    ["PUT out of its envelope", "", raw('1},{"type":"set","value":2'), "400 bad_json"],
    [
      "PUT as text",
      "",
      { method: "PUT", body: "{}", headers: { "content-type": "text/plain" } },
      "415 unsupported_media_type",
    ],
    ["D4 PUT over the intent limit", "", json("PUT", "x".repeat(140_000)), "413 too_large"],
    ["E4 PUT over the body limit", "", json("PUT", "x".repeat(2_000_000)), "413 too_large"],
    ["D4 PUT too deep", "", raw("[".repeat(100) + "]".repeat(100)), "400 too_deep"],
    [
      "PATCH without a type",
      "",
      { method: "PATCH", body: new TextEncoder().encode("{}") },
      "415 unsupported_media_type",
    ],
    [
      "PATCH as a prototype's property",
      "",
      { ...json("PATCH", {}), headers: { "content-type": "constructor" } },
      "415 unsupported_media_type",
    ],
    ["a merge that is no object", "", json("PATCH", [1]), "400 bad_intent"],
    ["a JSON Patch that is no list", "", json("PATCH", {}, JSON_PATCH), "400 bad_intent"],
    ["a JSON Patch with an unknown op", "", json("PATCH", [{ op: "frob", path: "" }], JSON_PATCH), "400 bad_intent"],
    [
      "D3 a JSON Patch whose test fails after a change",
      "",
      json("PATCH", [ADD_B, { op: "test", path: "/a", value: 2 }], JSON_PATCH),
      "409 conflict",
    ],
    [
      "D3 a JSON Patch whose path is missing after a change",
      "",
      json("PATCH", [ADD_B, { op: "replace", path: "/c", value: 2 }], JSON_PATCH),
      "409 conflict",
    ],
    ["intents that are no list", "", json("POST", { intents: {} }), "400 bad_message"],
    ["no intents", "", json("POST", { intents: [] }), "400 bad_message"],
    ["more than intents", "", json("POST", { intents: [1], extra: 1 }), "400 bad_message"],
    ["an unknown intent", "", json("POST", { intents: [{ type: "frob" }] }), "400 bad_intent"],
    [
      "more intents than allowed",
      "",
      json("POST", { intents: Array.from({ length: 101 }, () => ({ type: "set", value: 1 })) }),
      "413 too_large",
    ],
    ["simple: another op", "/patch", json("POST", { op: "frob", value: {} }), "400 bad_intent"],
    ["simple: no value", "/patch", json("POST", { op: "set" }), "400 bad_intent"],
    ["simple: a list", "/patch", json("POST", { op: "set", value: [] }), "400 bad_intent"],
    ["simple: null", "/patch", json("POST", null), "400 bad_intent"],
    ["simple: not JSON", "/patch", { method: "POST", body: "op=set" }, "400 bad_json"],
    ["simple: empty", "/patch", { method: "POST" }, "400 bad_json"],
    ["simple: too large", "/patch", json("POST", { op: "set", value: { a: "x".repeat(200_000) } }), "413 too_large"],
  ])("E5 %s", async (_, path, init, expected) => {
    const id = fresh();
    const before = await versionOf(await fetch(`/doc/${id}`, json("PUT", { a: 1 })));
    expect(await refusal(await fetch(`/doc/${id}${path}`, init))).toBe(expected);
    const after = await fetch(`/doc/${id}`);
    expect([await after.json(), after.headers.get("etag")]).toEqual([{ a: 1 }, `"${before}"`]);
  });

  test("415 of a PATCH says what it would read", async () => {
    const response = await fetch("/doc/x", { method: "PATCH", body: "{}" });
    expect(response.headers.get("accept-patch")).toContain("application/merge-patch+json");
  });
});

test("the simple wire format: get and patch", async () => {
  const id = fresh();
  expect(await (await fetch(`/doc/${id}/get`)).text()).toBe("{}");
  const send = async (body: string, type = "text/plain"): Promise<[number, string]> => {
    const response = await fetch(`/doc/${id}/patch`, { method: "POST", body, headers: { "content-type": type } });
    return [response.status, await response.text()];
  };
  expect(await send('{"op":"set","value":{"a":1,"b":{"c":2}}}')).toEqual([200, "ok"]);
  expect(await send('{"op":"merge","value":{"b":3},"more":1}', "application/json")).toEqual([200, "ok"]);
  expect(await (await fetch(`/doc/${id}/get`)).json()).toEqual({ a: 1, b: 3 });
});
