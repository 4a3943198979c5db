import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { asModule, bundleSdk } from "../../scripts/build-sdk.ts";
import { SDK } from "../../src/sdk/built.ts";

const ROOT = join(import.meta.dirname, "../..");
const LIMIT = 2 * 1024;

test("J8 the site script fits its limit", () => {
  const size = gzipSync(SDK, { level: 9 }).byteLength;
  process.stdout.write(`Site script: ${SDK.length} bytes minified, ${size} gzipped, limit ${LIMIT}\n`);
  expect(size).toBeGreaterThan(500);
  expect(size).toBeLessThanOrEqual(LIMIT);
});

test("what the Worker serves is made from the source as it is (npm run build:sdk)", async () => {
  expect(readFileSync(join(ROOT, "src/sdk/built.ts"), "utf8")).toBe(asModule(await bundleSdk()));
});
