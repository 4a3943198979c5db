import { cloudflare } from "@cloudflare/vite-plugin";
import { defineConfig } from "vite";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";

const source = (file: string) => new URL(`../../src/${file}`, import.meta.url).pathname;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [cloudflare()],
  // The example uses this repository's source. In a project that installs roomcast, leave this out.
  resolve: {
    alias: [
      { find: /^roomcast$/, replacement: source("client/index.ts") },
      { find: /^roomcast\/kind$/, replacement: source("kind.ts") },
      { find: /^roomcast\/server$/, replacement: source("server.ts") },
    ],
  },
  server: { port: 8787 },
});
