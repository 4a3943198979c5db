import { Conversation } from "./conversation.ts";
import { PowerCut } from "./object.ts";
import { planOf } from "./plan.ts";

export interface SimulateOptions {
  readonly from: number;
  readonly count: number;
  /** Only these steps of the one seed. */
  readonly keep?: readonly number[];
  /** Such as `1h` or `90s`: goes on for so long, whatever `count` says. */
  readonly duration?: string;
  /** Whether to look for the shortest conversation that fails. */
  readonly shrinks: boolean;
  readonly verbose: boolean;
}

const now = performance.now.bind(performance);
const log = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs conversations until one fails, and shrinks that one. Resolves with the exit code. */
export async function simulate({ from, count, keep, duration, shrinks, verbose }: SimulateOptions): Promise<number> {
  const end = duration === undefined ? Infinity : now() + milliseconds(duration);
  const last = duration === undefined ? from + count - 1 : Infinity;
  const start = now();
  let done = 0;
  for (let seed = from; seed <= last && now() < end; seed += 1) {
    const faults = await attempt(seed, keep, verbose);
    done += 1;
    if (faults.length > 0) {
      log(`Seed ${seed} failed:\n${faults.join("\n")}`);
      if (!shrinks) return 1;
      const kept = keep ?? (await shrink(seed));
      log(`\nThe shortest conversation that fails has ${kept.length} steps. To run it again:`);
      log(`npm run simulate -- --seed ${seed} --keep ${kept.join(",")}`);
      log(`${done - 1} passed, 1 failed`);
      return 1;
    }
  }
  const seconds = (now() - start) / 1000;
  log(`${done} conversations in ${seconds.toFixed(1)} s, ${Math.round((done / seconds) * 60)} a minute`);
  log(`${done} passed, 0 failed`);
  return 0;
}

/** What was rejected in this conversation, and nobody looked. Work that a crash cuts off has nobody left to look. */
const rejections: string[] = [];
process.on("unhandledRejection", (reason) => {
  if (reason instanceof PowerCut || /has ended|The object was reset/.test(String(reason))) return;
  rejections.push(`Unhandled: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
});

export async function attempt(
  seed: number,
  keep: readonly number[] | undefined,
  verbose: boolean,
): Promise<readonly string[]> {
  const quiet = silence(verbose);
  try {
    rejections.length = 0;
    const faults = await new Conversation(planOf(seed, keep)).run();
    return [...rejections, ...faults];
  } catch (error) {
    return [
      `The conversation could not be had: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ];
  } finally {
    quiet();
  }
}

/** Leaves out steps as long as it still fails: first many at once, then one by one. */
async function shrink(seed: number): Promise<readonly number[]> {
  let kept = planOf(seed).steps.map((_, index) => index);
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if ((await attempt(seed, fewer, false)).length > 0) kept = fewer;
      else at += size;
    }
  }
  return kept;
}

/** Rooms log their faults; those that come of failures that are meant would drown what matters. */
function silence(verbose: boolean): () => void {
  if (verbose) return () => {};
  const { error, warn } = console;
  console.error = console.warn = () => {};
  return () => Object.assign(console, { error, warn });
}

function milliseconds(duration: string): number {
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(duration) ?? [];
  if (amount === undefined) throw new Error(`A duration is like 90s, 10m or 1h, not ${duration}.`);
  return Number(amount) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as "s" | "m" | "h"];
}
