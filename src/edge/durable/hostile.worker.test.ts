import { expect, test } from "vitest";
import { edge } from "../../../test/worker/edge.ts";

const worker = edge({ streams: (bindings) => bindings.STREAMS });
const ALONE = "default-src 'none'; sandbox";
const SCRIPT = "<script>parent.stolen = localStorage</script>";

async function written(id: string, type: string): Promise<string> {
  const path = `/v1/stream/${id}`;
  const made = await worker.fetch(path, { method: "PUT", headers: { "content-type": type }, body: SCRIPT });
  expect(made.status).toBe(201);
  return path;
}

test.each([
  ["page", "text/html"],
  ["page-loud", "TEXT/HTML; charset=utf-8"],
  ["page-second", "text/plain, text/html"],
  ["page-hidden", "text/plain; charset=utf-8, text/html"],
  ["xhtml", "application/xhtml+xml"],
  ["svg", "image/svg+xml"],
  ["xml", "text/xml"],
  ["feed", "application/atom+xml"],
  ["script", "text/javascript"],
  ["pdf", "application/pdf"],
  ["archive", "multipart/related"],
  ["odd", "x-own/thing"],
])("Y13 what is written as a page is nobody's page: %s", async (id, type) => {
  const path = await written(id, type);
  for (const query of ["?offset=-1", "", "?offset=-1&live=long-poll", "?offset=now"]) {
    const { headers } = await worker.fetch(path + query);
    const names = ["content-security-policy", "x-content-type-options", "content-disposition"];
    expect([query, ...names.map((name) => headers.get(name))]).toEqual([query, ALONE, "nosniff", "attachment"]);
  }
  const answer = await worker.fetch(`${path}?offset=-1`);
  expect(new TextDecoder().decode(await answer.arrayBuffer())).toBe(SCRIPT);
  // What a cache keeps, it keeps with these headers.
  const etag = answer.headers.get("etag") ?? "";
  const unchanged = await worker.fetch(`${path}?offset=-1`, { headers: { "if-none-match": etag } });
  expect(unchanged.status).toBe(304);
  expect(unchanged.headers.get("content-disposition")).toBe("attachment");
});

test.each([
  ["text", "text/plain"],
  ["text-utf8", "text/plain; charset=utf-8"],
  ["json", "application/json"],
  ["picture", "image/png"],
])("Y13 what a browser only shows is shown, and sandboxed: %s", async (id, type) => {
  const path = `/v1/stream/shown-${id}`;
  await worker.fetch(path, { method: "PUT", headers: { "content-type": type } });
  const { headers } = await worker.fetch(`${path}?offset=-1`);
  expect(headers.get("content-security-policy")).toBe(ALONE);
  expect(headers.get("content-disposition")).toBeNull();
});

test("Y13 events, refusals and answers to writers are sandboxed too", async () => {
  const path = await written("all-ways", "text/html");
  const events = await worker.fetch(`${path}?offset=-1&live=sse`);
  await events.body?.cancel();
  const answers = [
    events,
    await worker.fetch("/v1/stream/not-there"),
    await worker.fetch(`${path}?offset=<script>`),
    await worker.fetch(path, { method: "POST", headers: { "content-type": "text/html" }, body: SCRIPT }),
    await worker.fetch(path, { method: "DELETE" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 400, 204, 204]);
  for (const { headers } of answers) expect(headers.get("content-security-policy")).toBe(ALONE);
});
