import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { Peer } from "../../test/engine/peer.ts";
import { edge, json, refusal, versionOf, type Edge } from "../../test/worker/edge.ts";
import { deny } from "./index.ts";

// The example of docs/auth.md, with a key of its own in place of an identity provider's.

let worker: Edge;
let sign: (claims: Record<string, unknown>, expires?: string) => Promise<string>;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256" }] });
  sign = (claims, expires = "5m") =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .setIssuer("https://login.example")
      .setAudience("rooms")
      .setExpirationTime(expires)
      .sign(privateKey);

  const tokenOf = (request: Request): string | undefined => {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((offer) => offer.trim());
    const subprotocol = offered.find((offer) => offer.startsWith("bearer."))?.slice("bearer.".length);
    return bearer ?? subprotocol ?? new URL(request.url).searchParams.get("token") ?? undefined;
  };
  worker = edge({
    authorize: async ({ request, id }) => {
      const token = tokenOf(request);
      if (token === undefined) return deny("unauthorized", "Sign in first.", { challenge: "Bearer" });
      const options = { issuer: "https://login.example", audience: "rooms", algorithms: ["ES256"] };
      const verified = await jwtVerify<{ name?: string; rooms?: string[] }>(token, keys, options).catch(
        () => undefined,
      );
      if (verified?.payload.sub === undefined) return deny("unauthorized", "Sign in again.", { challenge: "Bearer" });
      const { sub, name, rooms = [] } = verified.payload;
      if (!rooms.includes(id)) return deny("forbidden", "This room is not yours.");
      return { user: name === undefined ? { id: sub } : { id: sub, name }, can: ["read", "write"] };
    },
  });
});

describe("a JWT", () => {
  const ada = { sub: "ada", name: "Ada", rooms: ["jwt"] };
  const socket = (path: string, offer: string): { fetch: (url: string, init: RequestInit) => Promise<Response> } => ({
    fetch: () => worker.fetch(path, { headers: { upgrade: "websocket", "sec-websocket-protocol": offer } }),
  });

  test("is taken from a header, a query or a subprotocol", async () => {
    const token = await sign(ada);
    await versionOf(await worker.fetch("/doc/jwt", json("PUT", { a: 1 }, { authorization: `Bearer ${token}` })));
    expect(await (await worker.fetch(`/doc/jwt?token=${token}`)).json()).toEqual({ a: 1 });
    for (const peer of [
      await Peer.connect(socket("/doc/jwt/ws", `roomcast.v1, bearer.${token}`)),
      await Peer.connect(socket(`/doc/jwt/ws?token=${token}`, "roomcast.v1")),
    ]) {
      expect(await peer.hello()).toMatchObject({ user: { id: "ada", name: "Ada" }, can: ["read", "write"] });
    }
  });

  test.each<[string, () => Promise<string>, string]>([
    ["missing", async () => "", "401 unauthorized"],
    ["garbage", async () => "a.b.c", "401 unauthorized"],
    ["expired", () => sign(ada, "-1m"), "401 unauthorized"],
    ["changed", async () => `${(await sign(ada)).slice(0, -4)}AAAA`, "401 unauthorized"],
    ["without a subject", () => sign({ rooms: ["jwt"] }), "401 unauthorized"],
    [
      "unsigned",
      async () => `${btoa('{"alg":"none"}').replaceAll("=", "")}.${btoa(JSON.stringify(ada))}.`,
      "401 unauthorized",
    ],
    ["for another room", () => sign({ ...ada, rooms: ["other"] }), "403 forbidden"],
  ])("that is %s lets nobody in", async (_, token, expected) => {
    const text = await token();
    const response = await worker.fetch("/doc/jwt", { headers: { authorization: `Bearer ${text}` } });
    expect(await refusal(response)).toBe(expected);
    const peer = await Peer.connect(socket(`/doc/jwt/ws?token=${text}`, "roomcast.v1"));
    expect((await peer.closed).code).toBe(expected.startsWith("401") ? 4502 : 4503);
  });
});
