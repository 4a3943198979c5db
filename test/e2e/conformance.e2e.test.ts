import { runConformanceTests } from "@durable-streams/server-conformance-tests";
import { Agent, setGlobalDispatcher } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";

// One of its tests makes 100,000 assertions on end. On a busy machine that takes longer than a server keeps an idle
// connection, and the next test would send its request over one that has been closed without its noticing.
setGlobalDispatcher(new Agent({ pipelining: 0 }));

const target = { baseUrl: "" };
let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
  target.baseUrl = server.url;
});

afterAll(() => server.stop());

// Not ours: what the protocol's authors hold every server to. Webhook subscriptions are no part of the base protocol;
// the suite skips them unless asked.
describe("the protocol's own conformance suite", () => {
  runConformanceTests(target);
  test("Y1 is run against this server", async () => {
    expect((await fetch(`${target.baseUrl}/v1/stream/none`)).status).toBe(404);
  });
});
