import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Flow } from "./flow.ts";

const KI = 1024;
const MARK_EVERY = 256 * KI;
const WINDOW = 1024 * KI;

const frames = fc.integer({ min: 1, max: 400 * KI });

test("F1 a mark is due at the first frame that reaches 256 Ki units, and they count up from 1", () => {
  const flow = new Flow();
  expect(flow.sent(MARK_EVERY - 1)).toBeUndefined();
  expect(flow.sent(1)).toBe(1);
  expect(flow.sent(MARK_EVERY - 1)).toBeUndefined();
  expect(flow.sent(500)).toBe(2);
  expect(flow.sent(MARK_EVERY)).toBe(3);
});

test("F1 F5 whatever is sent, answered and slept through, never more than 256 Ki and a frame without a mark", () => {
  const step = fc.oneof(frames, fc.constant("ack" as const), fc.constant("sleep" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let flow = new Flow();
      let since = 0;
      let newest = 0;
      for (const event of steps) {
        if (event === "sleep") {
          flow = Flow.restore(JSON.parse(JSON.stringify(flow.store())));
        } else if (event === "ack") {
          if (newest > 0) flow.acked(newest);
        } else {
          const mark = flow.sent(event);
          since += event;
          if (mark !== (since < MARK_EVERY ? undefined : newest + 1)) return false;
          if (mark !== undefined) {
            newest = mark;
            since = 0;
          }
        }
      }
      return true;
    }),
  );
});

test("F2 F3 F5 it closes at 1 Mi unanswered units and opens when a mark is answered, also across sleeps", () => {
  const step = fc.oneof(frames, fc.record({ ack: fc.integer({ min: 1, max: 40 }) }), fc.constant("sleep" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let flow = new Flow();
      let sent = 0;
      let acked = 0;
      const marks: number[] = [];
      for (const event of steps) {
        if (event === "sleep") {
          flow = Flow.restore(JSON.parse(JSON.stringify(flow.store())));
        } else if (typeof event === "object") {
          // Marks that were never sent are unknown to a correct client; a wrong one gains nothing by naming them.
          const last = Math.min(event.ack, marks.length);
          flow.acked(event.ack);
          acked = Math.max(acked, marks[last - 1] ?? 0);
        } else {
          sent += event;
          if (flow.sent(event) !== undefined) marks.push(sent);
        }
        expect(flow.open).toBe(sent - acked < WINDOW);
      }
    }),
  );
});

test("F3 answering the latest mark alone answers those before it; repeated and unknown ones mean nothing", () => {
  const flow = new Flow();
  for (let frame = 0; frame < 4; frame += 1) flow.sent(MARK_EVERY);
  expect(flow.open).toBe(false);
  flow.acked(3);
  expect(flow.open).toBe(true);
  expect(flow.store()).toEqual([4 * MARK_EVERY, 3 * MARK_EVERY, 5, [[4, 4 * MARK_EVERY]]]);
  flow.acked(1);
  flow.acked(3);
  expect(flow.store()).toEqual([4 * MARK_EVERY, 3 * MARK_EVERY, 5, [[4, 4 * MARK_EVERY]]]);
  flow.acked(99);
  expect(flow.store()).toEqual([4 * MARK_EVERY, 4 * MARK_EVERY, 5, []]);
});

test("F5 what is kept across a sleep stays small however much is unanswered", () => {
  const flow = new Flow();
  while (flow.open) flow.sent(1_000);
  expect(JSON.stringify(flow.store()).length).toBeLessThan(200);
});
