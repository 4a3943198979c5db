import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** A few minutes beside other tests; `npm run crash -- --rounds 100` for more. */
const ROUNDS = 20;

test("C5 X1 X7 whenever a server with rooms of every kind is killed, what it acknowledged is there, once, in order", async () => {
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, ["--no-warnings", main, "--rounds", `${ROUNDS}`]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  await new Promise((resolve) => void child.once("close", resolve));
  expect(output).toContain(`${ROUNDS} passed, 0 failed`);
}, 1_200_000);
