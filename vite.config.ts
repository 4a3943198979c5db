import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { cloudflare } from "@cloudflare/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { baseMapPlugin } from "./scripts/base-map.ts";

// Without it, development asks Cloudflare for an example of `request.cf`.
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";
process.env["WRANGLER_SEND_METRICS"] ??= "false";

const ROOT = import.meta.dirname;
const BUILD = join(ROOT, "build");

/** The page's folder is not the repository's: tells wrangler and `roomcast start`, which look here, where the build is. */
function deployFromRoot(): Plugin {
  const folder = join(ROOT, ".wrangler/deploy");
  return {
    name: "deploy-from-root",
    apply: "build",
    closeBundle() {
      mkdirSync(folder, { recursive: true });
      const built = (name: string) => ({ configPath: relative(folder, join(BUILD, name, "wrangler.json")) });
      const config = { ...built("roomcast"), auxiliaryWorkers: [built("roomcast_counter")] };
      writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    },
  };
}

export default defineConfig({
  root: join(ROOT, "app"),
  plugins: [
    react(),
    baseMapPlugin(),
    cloudflare({
      configPath: join(ROOT, "wrangler.jsonc"),
      auxiliaryWorkers: [{ configPath: join(ROOT, "wrangler.counter.jsonc") }],
      persistState: { path: join(ROOT, ".wrangler/state") },
    }),
    deployFromRoot(),
  ],
  build: {
    outDir: BUILD,
    emptyOutDir: true,
    sourcemap: true,
    // MapLibre alone is larger than the default, and comes with the map's page only.
    chunkSizeWarningLimit: 1_200,
  },
  resolve: {
    alias: [
      { find: /^roomcast$/, replacement: join(ROOT, "src/client/index.ts") },
      { find: /^roomcast\/kind$/, replacement: join(ROOT, "src/kind.ts") },
      { find: /^roomcast\/server$/, replacement: join(ROOT, "src/server.ts") },
      { find: /^roomcast\/react$/, replacement: join(ROOT, "src/react/index.ts") },
    ],
  },
  server: { port: Number(process.env["PORT"] ?? 8787), host: process.env["HOST"] ?? "localhost" },
});
