import { describe, expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** A clock whose timers fire when the event loop is idle, as a test says. */
class Loop {
  now = 1_000_000;
  readonly pauses: number[] = [];
  #timers: (() => void)[] = [];
  #resume: (() => void)[] = [];

  readonly turns = new Turns(
    {
      now: () => this.now,
      after: (_, work) => {
        this.#timers.push(work);
        return () => undefined;
      },
    },
    (milliseconds) => {
      this.pauses.push(milliseconds);
      return new Promise((resolve) => this.#resume.push(resolve));
    },
  );

  /** All that has arrived is dealt with. */
  async idle(): Promise<void> {
    for (const work of this.#timers.splice(0)) work();
    for (const resume of this.#resume.splice(0)) resume();
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe("a room's turn", () => {
  test("Q11 ends after some frames between which nobody else got one, and begins anew after the pause", async () => {
    const loop = new Loop();
    for (let round = 1; round <= 5; round += 1) {
      let frames = 0;
      while (loop.pauses.length < round && frames < 1_000) {
        loop.turns.frame();
        frames += 1;
      }
      expect(frames).toBeLessThanOrEqual(100);
      await loop.idle();
    }
    expect(loop.pauses).toEqual([1, 1, 1, 1, 1]);
  });

  test("Q11 ends after some milliseconds, of frames that take long", async () => {
    const loop = new Loop();
    for (let frame = 0; frame < 40 && loop.pauses.length === 0; frame += 1) {
      loop.turns.frame();
      loop.now += 3;
    }
    expect(loop.pauses).toEqual([1]);
    await loop.idle();
  });

  test("Q11 is never cut short while others get theirs", async () => {
    const loop = new Loop();
    for (let frame = 0; frame < 10_000; frame += 1) {
      loop.turns.frame();
      if (frame % 50 === 0) await loop.idle();
    }
    expect(loop.pauses).toEqual([]);
  });

  test("Q11 frames on closed sockets are taken in slowly", async () => {
    const loop = new Loop();
    for (let frame = 0; frame < 640; frame += 1) loop.turns.closedFrame();
    expect(loop.pauses).toEqual(Array.from({ length: 10 }, () => 20));
    await loop.idle();
  });

  test("Q11 a look that was lost with its room is taken again", async () => {
    const gone = new Loop();
    for (let frame = 0; frame < 40; frame += 1) gone.turns.frame();
    const loop = new Loop();
    loop.now += 2_000;
    for (let frame = 0; frame < 200 && loop.pauses.length === 0; frame += 1) loop.turns.frame();
    expect(loop.pauses).toEqual([1]);
    await loop.idle();
  });
});
