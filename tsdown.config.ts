import { existsSync } from "node:fs";
import { defineConfig } from "tsdown";

const shared = {
  outDir: "dist",
  format: "esm",
  target: "es2022",
  sourcemap: true,
  clean: false,
  report: false,
} as const;

// Client and server are apart in types as in code: each is checked against its own runtime.
export default defineConfig([
  {
    ...shared,
    entry: present({
      index: "src/client/index.ts",
      kind: "src/kind.ts",
      react: "src/react/index.ts",
      testing: "src/testing/index.ts",
    }),
    // A module a file: so that a page's bundler can leave out those that it does not need.
    unbundle: true,
    platform: "neutral",
    tsconfig: "tsconfig.client.json",
    dts: { tsconfig: "tsconfig.client.json" },
  },
  {
    ...shared,
    entry: { server: "src/server.ts" },
    platform: "neutral",
    tsconfig: "tsconfig.worker.json",
    dts: { tsconfig: "tsconfig.worker.json" },
    deps: { neverBundle: [/^cloudflare:/] },
  },
  {
    ...shared,
    entry: { cli: "src/cli/main.ts" },
    platform: "node",
    target: "node20",
    tsconfig: "tsconfig.node.json",
    dts: false,
    // Everything but what a project installs to run rooms on its own machine.
    deps: { neverBundle: ["miniflare", "wrangler"], onlyBundle: ["commander"] },
  },
]);

function present(entry: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entry).filter(([, path]) => existsSync(path)));
}
