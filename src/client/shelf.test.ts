import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Shelf } from "./shelf.ts";

class Thing {
  status = { phase: "connecting" };
  pending = 0;
  wanted: (() => void) | undefined;
  readonly calls: string[] = [];
  start(): void {
    this.calls.push("start");
  }
  pause(): void {
    this.calls.push("pause");
  }
  close(): void {
    this.calls.push("close");
    this.status = { phase: "closed" };
  }
}

let shelf: Shelf;

beforeEach(() => {
  vi.useFakeTimers();
  shelf = new Shelf();
});

afterEach(() => {
  vi.useRealTimers();
});

const make = (): Thing => new Thing();

test("a kept room is shared until it is closed", () => {
  const one = shelf.take("a", make, true);
  expect(shelf.take("a", make, true)).toBe(one);
  expect(shelf.take("b", make, true)).not.toBe(one);
  vi.advanceTimersByTime(60_000);
  expect(one.calls).toEqual(["start", "start"]);
  one.close();
  expect(shelf.take("a", make, true)).not.toBe(one);
});

test("a lent room connects when it is held, and pauses a while after the last holder is gone", () => {
  const one = shelf.take("a", make, false);
  expect(one.calls).toEqual([]);
  const releases = [shelf.hold(one), shelf.hold(one)];
  for (const release of releases) release();
  releases[0]?.();
  vi.advanceTimersByTime(4_000);
  // As when React mounts everything twice.
  const release = shelf.hold(one);
  vi.advanceTimersByTime(60_000);
  expect(one.calls).toEqual(["start", "start", "start"]);
  release();
  vi.advanceTimersByTime(5_000);
  expect(one.calls.at(-1)).toBe("pause");
  expect(vi.getTimerCount()).toBe(0);
  // A component that was hidden comes back with the room that it had.
  shelf.hold(one);
  expect(one.calls.at(-1)).toBe("start");
});

test("S2 what is saved after the last component is gone connects the room again, until it is answered", () => {
  const one = shelf.take("a", make, false);
  shelf.hold(one)();
  vi.advanceTimersByTime(6_000);
  expect(one.calls).toEqual(["start", "pause"]);
  one.pending = 1;
  one.wanted?.();
  expect(shelf.take("a", make, false)).toBe(one);
  vi.advanceTimersByTime(60_000);
  expect(one.calls).toEqual(["start", "pause", "start"]);
  one.pending = 0;
  vi.advanceTimersByTime(5_000);
  expect(one.calls.at(-1)).toBe("pause");
  expect(vi.getTimerCount()).toBe(0);
});

test("a room that was paused and is held again is the one that others get, and closes with all", () => {
  const one = shelf.take("a", make, false);
  shelf.hold(one)();
  vi.advanceTimersByTime(6_000);
  shelf.hold(one);
  expect(shelf.take("a", make, false)).toBe(one);
  // One that lost its place meanwhile is closed with the others all the same.
  const other = shelf.take("b", make, false);
  shelf.hold(other)();
  vi.advanceTimersByTime(6_000);
  expect(shelf.take("b", make, true)).not.toBe(other);
  shelf.hold(other);
  shelf.close();
  expect([one.calls.at(-1), other.calls.at(-1)]).toEqual(["close", "close"]);
});

test("a room that was lent and never held is forgotten", () => {
  const one = shelf.take("a", make, false);
  vi.advanceTimersByTime(5_000);
  expect(shelf.take("a", make, false)).not.toBe(one);
});

test("a lent room stays until its last mutation is answered", () => {
  const one = shelf.take("a", make, false);
  const release = shelf.hold(one);
  one.pending = 1;
  release();
  vi.advanceTimersByTime(60_000);
  expect(one.calls).toEqual(["start"]);
  one.pending = 0;
  vi.advanceTimersByTime(5_000);
  expect(one.calls).toEqual(["start", "pause"]);
});

test("what the app itself opened does not end with the last holder", () => {
  const one = shelf.take("a", make, false);
  const release = shelf.hold(one);
  shelf.take("a", make, true);
  release();
  vi.advanceTimersByTime(60_000);
  expect(one.calls).toEqual(["start", "start"]);
});

test("close closes all and leaves no timer", () => {
  const one = shelf.take("a", make, true);
  const two = shelf.take("b", make, false);
  shelf.close();
  expect([one.calls.at(-1), two.calls.at(-1)]).toEqual(["close", "close"]);
  expect(vi.getTimerCount()).toBe(0);
});
