import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** What a browser downloads for a live document, in bytes of minified and gzipped JavaScript. */
const LIMIT = 9 * 1024;

test("the client for documents fits its limit", async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: 'import { connect } from "./src/client/index.ts"; connect("/").document("a");',
      resolveDir: ROOT,
      loader: "ts",
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const size = gzipSync(code, { level: 9 }).byteLength;
  process.stdout.write(`Client for documents: ${code.byteLength} bytes minified, ${size} gzipped, limit ${LIMIT}\n`);
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("node_modules"))).toEqual([]);
  expect(size).toBeGreaterThan(1000);
  expect(size).toBeLessThanOrEqual(LIMIT);
});
