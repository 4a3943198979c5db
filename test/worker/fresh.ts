import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll } from "vitest";
import { TABLES } from "../../src/pipeline/schema.ts";

afterAll(async () => {
  await reset();
  // The isolate goes on, and knows that it has made them.
  await env.STATS.batch(TABLES.map((table) => env.STATS.prepare(table)));
});
