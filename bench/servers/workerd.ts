import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { announce } from "./announce.ts";
const [, , dataDir = mkdtempSync(join(tmpdir(), "bench-"))] = process.argv;
const bundle = await build({
  entryPoints: [new URL("../workers/index.ts", import.meta.url).pathname],
  bundle: true, format: "esm", write: false, external: ["cloudflare:*", "node:*"], conditions: ["workerd", "worker"],
});
const mf = new Miniflare(convertV4MiniflareOptions({
  host: "127.0.0.1", port: 0, cf: false,
  modules: [{ type: "ESModule", path: "index.js", contents: bundle.outputFiles[0]?.text ?? "" }],
  compatibilityDate: "2026-05-03",
  resourcePersistencePath: dataDir,
  durableObjects: {
    TUTORIAL: { className: "TutorialRoom", useSQLite: true },
    SQL: { className: "SqlRoom", useSQLite: true },
    Party: { className: "PartyRoom", useSQLite: true },
  },
}));
const url = await mf.ready;
announce(Number(url.port), () => mf.dispose());
