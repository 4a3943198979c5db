import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([TestServer.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const merge = (key: string) => ({ method: "POST", body: JSON.stringify({ op: "merge", value: { [key]: true } }) });

test("the page loads in a browser without an error", async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const response = await page.goto(server.url);
  expect(response?.status()).toBe(200);
  expect(await page.title()).toContain("Roomcast");
  expect(errors).toEqual([]);
  await page.close();
});

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
