import { expect, test } from "vitest";
import { Emitter } from "./emitter.ts";

test("a listener that causes a change is called anew in a later turn, not within", async () => {
  const emitter = new Emitter();
  const calls: string[] = [];
  emitter.subscribe(() => {
    calls.push("first");
    if (calls.length < 4) emitter.emit();
  });
  emitter.subscribe(() => calls.push("second"));
  emitter.emit();
  expect(calls).toEqual(["first", "second"]);
  await Promise.resolve();
  expect(calls).toEqual(["first", "second", "first", "second"]);
  await Promise.resolve();
  expect(calls).toHaveLength(6);
});

test("one that stops another keeps it from being called; one that comes waits for the next", () => {
  const emitter = new Emitter();
  const calls: string[] = [];
  emitter.subscribe(() => {
    calls.push("first");
    stop();
    emitter.subscribe(() => calls.push("late"));
  });
  const stop = emitter.subscribe(() => calls.push("second"));
  emitter.emit();
  expect(calls).toEqual(["first"]);
});
