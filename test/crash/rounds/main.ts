import { parseArgs } from "node:util";
import { crashRounds } from "./rounds.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "100" } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds is a number from 1, not ${values.rounds}.`);

const log = (line: string): void => void process.stdout.write(`${line}\n`);
const start = performance.now();
try {
  const { kills, acknowledged, refused } = await crashRounds(rounds, log);
  const seconds = Math.round((performance.now() - start) / 1_000);
  log(`${acknowledged} writes were acknowledged and ${refused} refused across ${kills} kills, in ${seconds} s`);
  log(`${rounds} passed, 0 failed`);
} catch (error) {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  // Writers may still wait.
  process.exit(1);
}
