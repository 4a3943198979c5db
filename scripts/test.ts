// `npm test`: the checks and the tests, all of them even when one fails, with plain counts as the last line.
// `--full` adds the files named `*.full.*` (`npm run test:full`); `--rest` runs only those, without the checks.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHECKS = ["format:check", "lint", "typecheck"];

const args = process.argv.slice(2);
const tier = args.includes("--full") ? "full" : args.includes("--rest") ? "rest" : "fast";
const forVitest = args.filter((arg) => arg !== "--full" && arg !== "--rest");

const folder = mkdtempSync(join(tmpdir(), "roomcast-counts-"));
const countsFile = join(folder, "counts");
const total = { passed: 0, failed: 0, skipped: 0 };

for (const check of tier === "rest" ? [] : CHECKS) {
  const ok = await run("npm", ["run", "--silent", check]);
  console.log(`${ok ? "ok  " : "FAIL"} npm run ${check}`);
  total[ok ? "passed" : "failed"] += 1;
}

const ok = await run("vitest", ["run", ...forVitest], { ROOMCAST_TEST_COUNTS: countsFile, ROOMCAST_TIER: tier });
const counts = readCounts();
total.passed += counts.passed;
total.failed += counts.failed === 0 && !ok ? 1 : counts.failed;
total.skipped += counts.skipped;
rmSync(folder, { recursive: true });

if (total.skipped > 0) console.log(`${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const shell = process.platform === "win32";
  const child = spawn(command, args, { stdio: "inherit", shell, env: { ...process.env, ...env } });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
}

function readCounts(): typeof total {
  try {
    return JSON.parse(readFileSync(countsFile, "utf8")) as typeof total;
  } catch {
    // Vitest ended before it ran anything.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
