import type { ChatMessage } from "roomcast";
import { expect, test } from "vitest";
import { dayWords, toRows, typingWords } from "./rows.ts";

const NOON = new Date(2026, 10, 21, 12).getTime();

function message(n: number, from: string, at: number, more: Partial<ChatMessage> = {}): ChatMessage {
  return { n, from, name: from, text: String(n), at, ...more };
}

const shape = (messages: readonly ChatMessage[], newFrom?: number, gap?: number) =>
  toRows(messages, { me: "b", newFrom, gap }).map((row) =>
    row.type === "message" ? `${row.message.n}${row.first ? "*" : ""}` : row.type,
  );

test("days, what is new and what is missing stand before the message; what belongs together stands together", () => {
  const talk = [
    message(1, "a", NOON - 86_400_000),
    message(2, "a", NOON),
    message(3, "a", NOON + 1000),
    message(5, "b", NOON + 2000),
    message(6, "b", NOON + 3000, { reply: { n: 1, name: "a", text: "1" } }),
    message(7, "b", NOON + 400_000),
    message(0, "b", NOON + 401_000, { key: "k", sending: true }),
  ];
  expect(shape(talk)).toEqual(["day", "1*", "day", "2*", "3", "5*", "6*", "7*", "0"]);
  expect(shape(talk, 3, 2)).toEqual(["day", "1*", "gap", "day", "2*", "new", "3*", "5*", "6*", "7*", "0"]);
});

test("one's own message keeps its key when it gets its number; the keys of others mean nothing", () => {
  const keys = (...messages: ChatMessage[]) =>
    toRows(messages, { me: "a" }).flatMap((row) => (row.type === "message" ? [row.key] : []));
  expect(keys(message(0, "a", NOON, { key: "k" }))).toEqual(keys(message(9, "a", NOON, { key: "k" })));
  expect(keys(message(1, "b", NOON, { key: "k" }), message(2, "b", NOON, { key: "k" }))).toEqual(["n1", "n2"]);
  // What has no number is one's own, whatever one was called when it was written.
  expect(keys(message(0, "x", NOON, { key: "k1" }), message(0, "x", NOON, { key: "k2" }))).toEqual(["k1", "k2"]);
});

test("days and typing in words", () => {
  expect([dayWords(NOON, NOON), dayWords(NOON - 86_400_000, NOON)]).toEqual(["Today", "Yesterday"]);
  expect(dayWords(NOON - 5 * 86_400_000, NOON)).toBe("Monday 16 November");
  expect(dayWords(NOON - 400 * 86_400_000, NOON)).toBe("Friday, 17 October 2025");
  expect([[], ["A"], ["A", "B"], ["A", "B", "C"]].map((names) => typingWords(names).join(""))).toEqual([
    "",
    "A is typing",
    "A and B are typing",
    "3 people are typing",
  ]);
});
