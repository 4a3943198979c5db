import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MUTANTS, type Mutant } from "./list.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    only: { type: "string" },
    jobs: { type: "string", default: "2" },
  },
});
const MAIN = join(import.meta.dirname, "../main.ts");

interface Verdict {
  readonly mutant: Mutant;
  readonly found: boolean;
  readonly how: string;
}

const waiting = MUTANTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const verdicts: Verdict[] = [];
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const verdict = await judge(mutant);
      verdicts.push(verdict);
      process.stdout.write(`${verdict.found ? "found " : "MISSED"} ${mutant.name}: ${verdict.how}\n`);
    }
  }),
);
const found = verdicts.filter((verdict) => verdict.found).length;
process.stdout.write(`${found} passed, ${verdicts.length - found} failed\n`);
process.exitCode = found === verdicts.length ? 0 : 1;

function judge(mutant: Mutant): Promise<Verdict> {
  const args = ["--no-warnings", MAIN, "--count", values.seeds, "--no-shrink", "--edits", JSON.stringify(mutant.edits)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      const failed = /^Seed (\d+) failed:\n(.*)/m.exec(output);
      if (failed !== null)
        resolve({ mutant, found: true, how: `seed ${failed[1]}, ${(failed[2] ?? "").slice(0, 140)}` });
      // An edit that no longer fits the source is no proof of anything.
      else
        resolve({ mutant, found: false, how: code === 0 ? `no seed of ${values.seeds} fails` : output.slice(0, 300) });
    });
  });
}
