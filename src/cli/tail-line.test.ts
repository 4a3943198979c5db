import { expect, test } from "vitest";
import { parseSince } from "./tail.ts";
import { readFrames, type Frame } from "./tail-frames.ts";
import { eventLine } from "./tail-line.ts";

const at = new Date(2026, 10, 21, 9, 5, 7).getTime();

test("an event is a line: when, what, where, and the rest", () => {
  const event = { siteId: "s", id: "1", type: "signup", path: "/pricing", at, visitor: "v", props: { plan: "free" } };
  expect(eventLine(JSON.stringify(event), 0, false)).toBe(
    '09:05:07  signup      /pricing                  {"props":{"plan":"free"}}',
  );
  expect(eventLine('{"job":7,"at":"noon"}', at, false)).toBe('09:05:07  {"job":7}');
  expect(eventLine('{"type":7,"path":"/","path":"/b"}', at, false)).toBe(
    '09:05:07  /b                        {"type":7,"path":"/"}',
  );
  expect(eventLine("[1]", at, false)).toBe("09:05:07  [1]");
  expect(eventLine('{"type":"x"}', at, true)).toMatch(/\u001B\[\d+mx {9}\u001B\[39m/);
});

test("J12 a line says what was published: numbers as they were written, two members under one name, however deep", () => {
  const odd = '{"type":"x","n":12345678901234567890.10, "n" : 1.0}';
  expect(eventLine(odd, at, false)).toBe('09:05:07  x           {"n":12345678901234567890.10,"n" : 1.0}');
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  expect(eventLine(`{"type":"x","a":${deep}}`, at, false)).toBe(`09:05:07  x           {"a":${deep}}`);
  expect(eventLine(deep, at, false)).toBe(`09:05:07  ${deep}`);
});

test("what an event holds cannot reach the terminal", () => {
  const event = { type: "\u001B[2J", path: "/\u009B31m\u202E", note: "\u0007\u007F" };
  const line = eventLine(JSON.stringify(event), at, false);
  expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(line).toContain("\\u001b[2J");
});

test("the blocks of an event stream, wherever the text is cut", async () => {
  const text =
    ':\n\nretry: 10\n\nid: e.1\ndata: {"a":1}\n\nid: e.4\n\nevent: reset\ndata: {}\r\nid:e.5\r\n\r\ndata: cut';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 7, 1000]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.subarray(i, i + size));
        controller.close();
      },
    });
    const frames: Frame[] = [];
    for await (const frame of readFrames(body, () => undefined)) frames.push(frame);
    expect(frames).toEqual([{ id: "e.1", data: '{"a":1}' }, { id: "e.4" }, { event: "reset", data: "{}", id: "e.5" }]);
  }
});

test("where to begin, in the words that people use", () => {
  const before = Date.now();
  const tenMinutes = Number(parseSince("10m"));
  expect(tenMinutes).toBeGreaterThanOrEqual(before - 600_000);
  expect(tenMinutes).toBeLessThanOrEqual(Date.now() - 600_000);
  expect(parseSince("30000d")).toBe("0");
  expect(parseSince("k3x9.41")).toBe("k3x9.41");
  expect(parseSince("2026-11-21T10:00:00Z")).toBe("2026-11-21T10:00:00.000Z");
  expect(parseSince("start")).toBe("start");
  expect(() => parseSince("yesterday")).toThrow("Such as 10m");
});
