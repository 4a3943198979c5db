import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const SEEDS_EACH = 1_000;

/** In processes of its own: a conversation replaces the clock, the timers and chance of its process. */
function simulate(from: number): Promise<{ readonly code: number | null; readonly output: string }> {
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, ["--no-warnings", main, "--from", `${from}`, "--count", `${SEEDS_EACH}`]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  return new Promise((resolve) => void child.once("close", (code) => resolve({ code, output })));
}

test("whatever chance does to 2,000 conversations, rooms and clients keep what SPEC.md promises", async () => {
  for (const { code, output } of await Promise.all([simulate(1), simulate(1 + SEEDS_EACH)])) {
    expect(output).toContain(`${SEEDS_EACH} passed, 0 failed`);
    expect(code).toBe(0);
  }
}, 300_000);
