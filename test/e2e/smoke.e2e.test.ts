import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(async () => {
  await server?.stop();
});

const merge = (key: string) => ({ method: "POST", body: JSON.stringify({ op: "merge", value: { [key]: true } }) });

test("what was acknowledged survives kill -9", async () => {
  const posted = await fetch(`${server.url}/doc/smoke/patch`, merge("before"));
  // Strong, though this server compresses text and the caller takes it.
  expect(posted.headers.get("etag")).toBe((await fetch(`${server.url}/doc/smoke`)).headers.get("etag"));
  expect([posted.status, await posted.text()]).toEqual([200, "ok"]);
  await server.kill9();
  await server.restart();
  await fetch(`${server.url}/doc/smoke/patch`, merge("after"));
  const read = await fetch(`${server.url}/doc/smoke/get`);
  expect(await read.json()).toEqual({ before: true, after: true });
});
