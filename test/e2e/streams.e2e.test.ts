import { afterAll, beforeAll } from "vitest";
import { TestServer } from "../harness/server.ts";
import { testManySubscribers } from "../streams/many-subscribers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ config: "bench/streams.wrangler.jsonc" });
});

afterAll(async () => {
  await server?.stop();
});

testManySubscribers(() => server.url, { events: 10_000, batch: 250, timeoutMs: 60_000 });
