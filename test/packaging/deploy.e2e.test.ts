import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

test("wrangler would deploy the example", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [WRANGLER, "deploy", "--dry-run"], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1", CI: "1" },
  });
  expect(stdout).toContain("env.DOCUMENTS (Documents)");
  expect(stdout).toContain("--dry-run: exiting now.");
});
