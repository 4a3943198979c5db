import { appendFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Where the counts go, as a line of JSON, when a script wants them. */
const COUNTS_FILE = "ROOMCAST_TEST_COUNTS";

const UNCAUGHT = /^uncaught exception; source/;

/** Tests that mean to throw inside an object say so in the message. */
const ON_PURPOSE = /on purpose/;

/** More tests than these that pass only when they are tried again are a fault, not bad luck. */
const MAX_RETRIED = 2;

/**
 * Fails the run for what Vitest does not see: an exception that workerd only logs, and too many tests that passed only
 * when they were tried again. Ends with plain counts.
 */
export default class PlainReporter implements Reporter {
  readonly #uncaught: string[] = [];

  onInit(): void {
    // The Workers plugin writes each message that workerd logs to this process's output.
    this.#watch(process.stdout);
    this.#watch(process.stderr);
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const retried: string[] = [];
    const counts = { passed: 0, failed: errors.length + this.#uncaught.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        const retries = test.diagnostic()?.retryCount ?? 0;
        if (retries > 0 && state === "passed") retried.push(`${module.relativeModuleId}: ${test.fullName}`);
        if (state === "passed") counts.passed += 1;
        else if (state === "failed") counts.failed += 1;
        else counts.skipped += 1;
      }
    }
    for (const text of this.#uncaught) process.stderr.write(`An object threw, and nobody caught it: ${text}\n`);
    if (this.#uncaught.length > 0) process.exitCode = 1;
    for (const text of retried) process.stdout.write(`Passed when it was tried again: ${text}\n`);
    if (retried.length > MAX_RETRIED) {
      process.stderr.write(
        `${retried.length} tests passed only when they were tried again; at most ${MAX_RETRIED} may.\n`,
      );
      counts.failed += 1;
      process.exitCode = 1;
    }
    const file = process.env[COUNTS_FILE];
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(counts)}\n`);
    else process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  }

  #watch(stream: NodeJS.WriteStream): void {
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
      const text = String(chunk);
      if (UNCAUGHT.test(text) && !ON_PURPOSE.test(text)) this.#uncaught.push(text.trim());
      return write(chunk, ...rest);
    };
  }
}
