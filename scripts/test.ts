// `npm test`: the checks and the tests, all of them even when one fails, with plain counts as the last line.
// `--full` adds the files named `*.full.*` (`npm run test:full`); `--rest` runs only those, without the checks.
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { TestRun } from "./test-run.ts";

const CHECKS = ["format:check", "lint", "typecheck"];
const ROOT = join(import.meta.dirname, "..");

/** Tests that need nothing but Node and workerd, and then those of real servers and browsers, which want all cores. */
const FIRST = ["unit", "workers", "conformance"];
const SECOND = ["e2e", "browser"];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const args = process.argv.slice(2);
// `npm run test:full -- --rest` comes with both.
const tier = args.includes("--rest") ? "rest" : args.includes("--full") ? "full" : "fast";
const forVitest = args.filter((arg) => arg !== "--full" && arg !== "--rest");

const run = new TestRun();
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void interrupt(signal));
endWithParent();

const [prepared] = await Promise.all([prepare(), checks(), vitest(FIRST)]);
await vitest(SECOND, prepared ? { ROOMCAST_TEST_BUILT: "1" } : {});
if (total.passed === 0 && total.failed === 0) fail("No test was run.");

const left = await run.end();
if (left.length > 0) fail(`The tests left behind:\n${left.map((line) => `- ${line}`).join("\n")}`);
if (!interrupted) {
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** One after the other, beside the tests: each alone takes as many cores as there are. */
async function checks(): Promise<void> {
  for (const check of tier === "rest" ? [] : CHECKS) {
    const { ok, output } = await run.run("npm", ["run", "--silent", check], { collect: true });
    if (interrupted) return;
    console.log(`${ok ? "" : output}${ok ? "ok  " : "FAIL"} npm run ${check}`);
    total[ok ? "passed" : "failed"] += 1;
  }
}

/** What fails here is tried again, and reported, by the tests that need it. */
async function prepare(): Promise<boolean> {
  return (await run.run("node", [join(ROOT, "test/harness/prepare.ts")], { collect: true })).ok;
}

async function vitest(projects: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  if (interrupted) return;
  const countsFile = join(run.folder, `counts-${projects.join("-")}`);
  const words = ["run", "--passWithNoTests", ...projects.flatMap((project) => ["--project", project]), ...forVitest];
  const all = forVitest.length === 0 ? "1" : "0";
  const variables = {
    ...env,
    ROOMCAST_TEST_ALL: all,
    ROOMCAST_TEST_COUNTS: countsFile,
    ROOMCAST_TIER: tier,
    FORCE_COLOR: color(),
  };
  const { ok } = await run.run("vitest", words, { env: variables });
  // Where there is no file, Vitest ended before it ran anything.
  const counts = existsSync(countsFile) ? (JSON.parse(readFileSync(countsFile, "utf8")) as Counts) : undefined;
  total.passed += counts?.passed ?? 0;
  total.skipped += counts?.skipped ?? 0;
  total.failed += ok ? 0 : Math.max(1, counts?.failed ?? 0);
}

function color(): string {
  return process.env["FORCE_COLOR"] ?? (process.stdout.isTTY ? "1" : "0");
}

function fail(text: string): void {
  if (interrupted) return;
  console.error(text);
  total.failed += 1;
}

async function interrupt(signal: NodeJS.Signals): Promise<void> {
  if (interrupted) return;
  interrupted = true;
  await run.abort();
  console.log(`Interrupted by ${signal}.`);
  process.exit(128 + constants.signals[signal]);
}

/** A signal that ends only npm, or npm's shell, does not reach this process: then it sees its parent change. */
function endWithParent(): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) void interrupt("SIGTERM");
  }, 500);
  timer.unref();
}
