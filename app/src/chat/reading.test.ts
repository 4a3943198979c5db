import type { ChatMessage } from "roomcast";
import { expect, test } from "vitest";
import { Reading } from "./reading.ts";

const talk = (to: number): ChatMessage[] =>
  Array.from({ length: to }, (_, i) => ({ n: i + 1, from: i === 4 ? "me" : "a", name: "a", text: "", at: i }));
const isMine = ({ from }: ChatMessage) => from === "me";

test("what comes while nobody looks at the end is counted and marked, and read when they come back", () => {
  let here = true;
  const reading = new Reading("a", () => here);
  expect(reading.state().read).toBe(0);
  const show = (to: number, atEnd = true) => {
    reading.show({ messages: talk(to), isMine, atEnd });
    return [reading.state().newFrom, reading.state().unread];
  };
  expect(show(2)).toEqual([undefined, 0]);
  here = false;
  expect(show(3)).toEqual([3, 1]);
  expect(show(5)).toEqual([3, 2]);
  here = true;
  // Read now, and still marked where the new ones begin.
  expect(show(5)).toEqual([3, 0]);
  expect(show(6)).toEqual([3, 0]);
  expect(reading.state().read).toBe(6);
  // Scrolled up.
  expect(show(7, false)).toEqual([7, 1]);
});
