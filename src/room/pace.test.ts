import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "./pace.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A room of which only the pace is real: `flushed` has the size of each flush, `disk` ends the write under way. */
function setup(): {
  pace: Pace;
  stage: (count: number) => void;
  flushed: number[];
  disk: () => Promise<void>;
  fail: () => Promise<void>;
} {
  let staged = 0;
  const flushed: number[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const pace = new Pace({
    staged: () => staged,
    flush: () => {
      flushed.push(staged);
      staged = 0;
    },
    durable: () => {
      const write = Promise.withResolvers<void>();
      writes.push(write);
      return write.promise;
    },
  });
  const settled = async (): Promise<void> => {
    await Promise.resolve();
    await Promise.resolve();
  };
  return {
    pace,
    flushed,
    stage: (count) => {
      staged += count;
      pace.turn();
    },
    disk: () => {
      writes.shift()?.resolve();
      return settled();
    },
    fail: () => {
      writes.shift()?.reject(new Error("disk"));
      return settled();
    },
  };
}

test("C4 an idle room flushes in the turn", () => {
  const { stage, flushed } = setup();
  stage(1);
  expect(flushed).toEqual([1]);
});

test("C4 what comes during a commit gathers, and goes in one when it is durable", async () => {
  const { stage, flushed, disk } = setup();
  stage(1);
  for (let n = 0; n < 5; n += 1) stage(1);
  expect(flushed).toEqual([1]);
  await disk();
  expect(flushed).toEqual([1, 5]);
});

test("C4 one mutation after another, each durable before the next, never waits", async () => {
  const { stage, flushed, disk } = setup();
  for (let n = 1; n <= 5; n += 1) {
    stage(1);
    expect(flushed.length).toBe(n);
    await disk();
  }
  expect(vi.getTimerCount()).toBe(0);
});

test("C4 H2 whatever waits goes within a moment, and an idle room has no timer", async () => {
  const { stage, flushed, disk } = setup();
  stage(1);
  stage(32);
  await disk();
  await disk();
  stage(1);
  await vi.runAllTimersAsync();
  expect(flushed).toEqual([1, 32, 1]);
  await disk();
  expect(vi.getTimerCount()).toBe(0);
});

test("C4 a flush that cannot wait takes all that is staged, also during a commit", () => {
  const { pace, stage, flushed } = setup();
  stage(1);
  stage(2);
  pace.now();
  expect(flushed).toEqual([1, 2]);
  pace.now();
  expect(flushed).toEqual([1, 2]);
});

test("C3 a write that fails does not stop the next one", async () => {
  const { stage, flushed, fail } = setup();
  stage(1);
  stage(2);
  await fail();
  expect(flushed).toEqual([1, 2]);
});
