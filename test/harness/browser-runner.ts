import { inject, type RunnerTask, type RunnerTestFile, TestRunner } from "vitest";
import type { BrowserCheck } from "./browser.ts";

/** The file whose only test says whether a browser works. */
const CHECK = "test/harness/check.browser.test.ts";

/** Where no browser works, one test fails with the reason, and all others are skipped instead of failing one by one. */
export default class BrowserRunner extends TestRunner {
  onCollected(files: RunnerTestFile[]): void {
    const check = inject("browser") as BrowserCheck | undefined;
    if (check === undefined || "program" in check) return;
    for (const file of files) if (!file.filepath.endsWith(CHECK)) skip(file);
  }
}

function skip(task: RunnerTask): void {
  task.mode = "skip";
  if (task.type === "suite") for (const child of task.tasks) skip(child);
}
