import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const E2E = ["test/**/*.e2e.test.ts", "app/**/*.e2e.test.ts"];
const IN_WORKERD = ["src/**/*.worker.test.ts", "test/**/*.worker.test.ts"];
const NEVER = ["**/node_modules/**", "**/dist/**", "**/build/**", "**/.wrangler/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.{ts,tsx}", "app/**/*.test.{ts,tsx}", "bench/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...NEVER, ...E2E, ...IN_WORKERD],
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/worker/wrangler.jsonc" } })],
        test: { name: "workers", include: IN_WORKERD, exclude: NEVER },
      },
      {
        test: {
          name: "e2e",
          include: E2E,
          exclude: NEVER,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
