import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../..");

/** Builds the example once for all projects whose tests serve it; not at all where `npm test` has done so. */
export default async function build(): Promise<void> {
  if (process.env["ROOMCAST_TEST_BUILT"] === "1") return;
  await promisify(execFile)(
    process.execPath,
    [join(ROOT, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"],
    {
      cwd: ROOT,
      // Vitest's own NODE_ENV would build React for development.
      env: { ...process.env, NODE_ENV: "production" },
    },
  );
  process.env["ROOMCAST_TEST_BUILT"] = "1";
}
