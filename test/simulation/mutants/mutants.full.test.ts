import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MUTANTS } from "./list.ts";

test("every fault that is put into the engine or the client is found", async () => {
  const child = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "run.ts")]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  await new Promise((resolve) => void child.once("close", resolve));
  expect(output.split("\n").filter((line) => line.startsWith("MISSED"))).toEqual([]);
  expect(output).toContain(`${MUTANTS.length} passed, 0 failed`);
}, 1_200_000);
