import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import LongestFirst from "./test/harness/sequencer.ts";

/**
 * `fast` leaves out the files named `*.full.*`, `full` runs every file, `rest` only those. Naming such a file on the
 * command line runs it.
 */
const TIER = process.env["ROOMCAST_TIER"] ?? (process.argv.some((word) => word.includes(".full")) ? "full" : "fast");
const ANY = TIER === "rest" ? "*.full" : "*";

const CONFORMANCE = [`test/e2e/conformance${TIER === "rest" ? ".full" : ""}.e2e.test.ts`];
/** The first stands for all where no browser works, so it is part of every run. */
const BROWSER = ["test/harness/check", `test/**/${ANY}`, `app/**/${ANY}`, `examples/**/${ANY}`].map(
  (path) => `${path}.browser.test.ts`,
);
const E2E = [`test/**/${ANY}.e2e.test.ts`, `app/**/${ANY}.e2e.test.ts`];
const IN_WORKERD = ["src", "test", "examples"].map((folder) => `${folder}/**/${ANY}.worker.test.ts`);
const NEVER = ["**/node_modules/**", "**/dist/**", "**/build/**", "**/.wrangler/**"];
if (TIER === "fast") NEVER.push("**/*.full.*");

/** One more than the smallest machine has cores: some of them wait while others work. */
const WORKERS = 3;

/**
 * How long a test waits for what should happen, and in all, in milliseconds. Only a failing test waits so long: no
 * machine is so busy that what passes here may fail there. (The library gives `expect.poll` one second.)
 */
const PATIENCE = { expect: { poll: { timeout: 30_000 } }, testTimeout: 60_000, hookTimeout: 120_000 };

/** The package by its own name, as tsconfig.base.json has it: examples import it as their copies will. */
const ALIAS = Object.fromEntries(
  Object.entries({
    "roomcast/kind": "./src/kind.ts",
    "roomcast/server": "./src/server.ts",
    "roomcast/react": "./src/react/index.ts",
    "roomcast/testing": "./src/testing/index.ts",
    roomcast: "./src/client/index.ts",
  }).map(([name, path]) => [name, new URL(path, import.meta.url).pathname]),
);

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./test/harness/reporter.ts"],
    projects: [
      {
        resolve: { alias: ALIAS },
        test: {
          ...PATIENCE,
          name: "unit",
          sequence: { groupOrder: 0 },
          // No file needs globals of its own, and a process for each would cost more than all the tests.
          isolate: false,
          maxWorkers: WORKERS,
          include: ["src", "app", "bench", "examples", "test"].map((folder) => `${folder}/**/${ANY}.test.{ts,tsx}`),
          exclude: [...NEVER, ...E2E, ...BROWSER, ...IN_WORKERD],
        },
      },
      {
        resolve: { alias: ALIAS },
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/worker/wrangler.jsonc" } })],
        test: {
          ...PATIENCE,
          name: "workers",
          sequence: { groupOrder: 0 },
          include: IN_WORKERD,
          exclude: NEVER,
          // One workerd for many files: each begins with empty storage all the same.
          isolate: false,
          setupFiles: ["test/worker/fresh.ts"],
          maxWorkers: WORKERS,
        },
      },
      {
        resolve: { alias: ALIAS },
        test: {
          ...PATIENCE,
          name: "conformance",
          // It watches the clock, so not beside the browsers; and waits most of the time, so several at once.
          sequence: { groupOrder: 0, concurrent: true },
          maxConcurrency: 4,
          include: CONFORMANCE,
          exclude: NEVER,
          globalSetup: ["test/harness/build.ts"],
          // It expects answers within its streams' lifetimes of a second: a busy machine may miss one.
          retry: 2,
          maxWorkers: WORKERS,
        },
      },
      {
        resolve: { alias: ALIAS },
        test: {
          ...PATIENCE,
          name: "e2e",
          // After the others: real servers want the machine for themselves.
          sequence: { groupOrder: 1 },
          include: E2E,
          exclude: [...NEVER, ...CONFORMANCE],
          globalSetup: ["test/harness/build.ts"],
          // Real processes: what fails twice is a fault.
          retry: 1,
          maxWorkers: WORKERS,
        },
      },
      {
        resolve: { alias: ALIAS },
        test: {
          ...PATIENCE,
          name: "browser",
          sequence: { groupOrder: 1 },
          include: BROWSER,
          exclude: NEVER,
          globalSetup: ["test/harness/browser-setup.ts"],
          runner: "./test/harness/browser-runner.ts",
          testTimeout: 90_000,
          retry: 1,
          maxWorkers: WORKERS,
        },
      },
    ],
  },
});
