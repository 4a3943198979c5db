import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Answer } from "./answer.ts";

const report = vi.fn<(error: unknown) => void>();

beforeEach(() => {
  vi.useFakeTimers();
  report.mockClear();
});

afterEach(() => {
  vi.useRealTimers();
});

function rejected(): Answer {
  return new Answer((_, reject) => reject(new Error("no"))).watch(report);
}

test("a rejection that nobody looks at is reported, once", async () => {
  void rejected();
  await vi.runAllTimersAsync();
  expect(report.mock.calls).toEqual([[new Error("no")]]);
});

test.each<[string, (answer: Answer) => Promise<unknown>]>([
  [
    "await",
    async (answer) => {
      await answer;
    },
  ],
  ["then", (answer) => answer.then(() => 1)],
  ["catch", (answer) => answer.catch((error: unknown) => Promise.reject(error as Error))],
  ["finally", (answer) => answer.finally(() => {})],
  ["Promise.all", (answer) => Promise.all([answer, Promise.resolve()])],
])("one that somebody looks at by %s goes there alone", async (_, look) => {
  const [looked] = await Promise.allSettled([look(rejected()), vi.runAllTimersAsync()]);
  expect(looked).toMatchObject({ status: "rejected", reason: { message: "no" } });
  expect(report).not.toHaveBeenCalled();
});

test("one that is resolved reports nothing", async () => {
  await new Answer((resolve) => resolve()).watch(report);
  await vi.runAllTimersAsync();
  expect(report).not.toHaveBeenCalled();
});
