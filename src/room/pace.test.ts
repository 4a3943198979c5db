import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SYSTEM_CLOCK } from "./host/durable-object.ts";
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
    audience: () => 1,
    clock: SYSTEM_CLOCK,
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

test("C4 what comes during a commit gathers, and goes in one a moment after it is durable", async () => {
  const { stage, flushed, disk } = setup();
  stage(1);
  for (let n = 0; n < 5; n += 1) stage(1);
  expect(flushed).toEqual([1]);
  await disk();
  await vi.runAllTimersAsync();
  expect(flushed).toEqual([1, 5]);
});

test("C4 when as many have come as were under way before, it does not wait out the moment", async () => {
  const { stage, flushed, disk } = setup();
  stage(1);
  stage(2);
  await disk();
  expect(flushed).toEqual([1]);
  stage(1);
  expect(flushed).toEqual([1, 3]);
});

test("C4 a queue that shows one message a commit is found, and then goes in one", async () => {
  const { stage, flushed, disk } = setup();
  // As workerd hands them over: the next one right after the commit, and the rest as long as nothing is written.
  const queue = 32;
  stage(1);
  for (let round = 0; round < 20; round += 1) {
    await disk();
    for (let n = 0, before = flushed.length; n < queue && flushed.length === before; n += 1) stage(1);
    await vi.runAllTimersAsync();
  }
  expect(flushed.at(-1)).toBe(queue);
  expect(flushed.findIndex((size) => size === queue)).toBeLessThan(12);
});

test("C4 what comes after the moment past a commit is no queue", async () => {
  const { stage, flushed, disk } = setup();
  for (let n = 1; n <= 3; n += 1) {
    stage(1);
    expect(flushed.length).toBe(n);
    await disk();
    // The room has listened, and heard nothing.
    await disk();
  }
});

test("C4 one mutation after another, each durable before the next, never waits", async () => {
  const { stage, flushed, disk } = setup();
  for (let n = 1; n <= 5; n += 1) {
    stage(1);
    expect(flushed.length).toBe(n);
    await disk();
    await disk();
  }
  expect(vi.getTimerCount()).toBe(0);
});

test("C4 H2 whatever waits goes within a moment, and an idle room has no timer", async () => {
  const { stage, flushed, disk } = setup();
  stage(1);
  stage(32);
  await disk();
  await vi.runAllTimersAsync();
  await disk();
  await disk();
  stage(1);
  await vi.runAllTimersAsync();
  expect(flushed).toEqual([1, 32, 1]);
  await disk();
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
  await vi.runAllTimersAsync();
  expect(flushed).toEqual([1, 2]);
});
