import { DurableStream, stream } from "@durable-streams/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(() => server?.stop());

describe("a stream of the Durable Streams protocol", () => {
  const json = { "content-type": "application/json" };

  test("Y2 what is published at /publish is read at /v1/stream, and the other way round", async () => {
    const { url } = server;
    await fetch(`${url}/publish`, { method: "POST", headers: json, body: '{"siteId":"both-ways","n":1}' });
    const first = await fetch(`${url}/v1/stream/both-ways`);
    expect(await first.text()).toBe('[{"siteId":"both-ways","n":1}]');
    const appended = await fetch(`${url}/v1/stream/both-ways`, {
      method: "POST",
      headers: json,
      body: '[{"n":2},{"n":3.0}]',
    });
    expect(appended.status).toBe(204);
    const offset = first.headers.get("stream-next-offset") ?? "";
    expect(await (await fetch(`${url}/v1/stream/both-ways?offset=${offset}`)).text()).toBe('[{"n":2},{"n":3.0}]');
    const page = (await (await fetch(`${url}/stream/both-ways?from=start`)).json()) as {
      readonly events: readonly { readonly event: { readonly n: number } }[];
    };
    expect(page.events.map(({ event }) => event.n)).toEqual([1, 2, 3]);
  });

  test("Y3 a stream that is closed, or holds bytes, takes no events", async () => {
    const { url } = server;
    const publish = (siteId: string): Promise<Response> =>
      fetch(`${url}/publish`, { method: "POST", headers: json, body: JSON.stringify({ siteId }) });
    await fetch(`${url}/v1/stream/bytes`, { method: "PUT", headers: { "content-type": "application/octet-stream" } });
    await fetch(`${url}/v1/stream/closed`, { method: "PUT", headers: { ...json, "stream-closed": "true" } });
    for (const site of ["bytes", "closed"]) {
      const refused = await publish(site);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({ error: { code: "conflict" } });
    }
  });

  test("Y4 the official client follows a stream through a restart of the server: every message once, in order", async () => {
    const { url } = server;
    const address = `${url}/v1/stream/through-a-restart`;
    const writer = await DurableStream.create({ url: address, contentType: "application/json" });
    const say = async (from: number, to: number): Promise<void> => {
      for (let n = from; n <= to; n += 1) await writer.append(JSON.stringify({ n }));
    };
    await say(1, 20);
    const heard: number[] = [];
    const { promise: early, resolve: heardEarly } = Promise.withResolvers<void>();
    const { promise: all, resolve: heardAll } = Promise.withResolvers<void>();
    const controller = new AbortController();
    const response = await stream<{ readonly n: number }>({
      url: address,
      offset: "-1",
      live: "long-poll",
      signal: controller.signal,
      backoffOptions: { initialDelay: 50, maxDelay: 500, multiplier: 1.5 },
    });
    response.subscribeJson(async ({ items }) => {
      heard.push(...items.map(({ n }) => n));
      if (heard.length >= 20) heardEarly();
      if (heard.length >= 40) heardAll();
    });
    await early;
    await server.kill9();
    await server.restart();
    await say(21, 40);
    await all;
    controller.abort();
    expect(heard).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });
});
