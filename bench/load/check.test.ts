import { describe, expect, test } from "vitest";
import { Check } from "./check.ts";
import { makePayload } from "./payload.ts";

type Message = readonly [publisher: number, seq: number];

function frame(...messages: readonly Message[]): Buffer {
  return Buffer.from(messages.map(([publisher, seq]) => `{"text":"${makePayload(publisher, seq)}"}`).join("\n"));
}

function take(check: Check, cursor: { position: number }, bytes: Buffer): number {
  return check.take(bytes, 0, bytes.length, cursor);
}

describe("check", () => {
  test("the same messages in the same order pass, however they are framed", () => {
    const check = new Check();
    const [first, second, third] = [{ position: 0 }, { position: 0 }, { position: 0 }];
    const messages: readonly Message[] = [
      [0, 1],
      [1, 1],
      [0, 2],
    ];
    expect(take(check, first, frame(...messages))).toBe(3);
    expect(take(check, second, frame(...messages))).toBe(3);
    for (const message of messages) expect(take(check, third, frame(message))).toBe(1);
    expect(check.fault).toBeUndefined();
    expect(check.head).toBe(3);
    expect(check.countOf(0, 0, 3)).toBe(2);
    expect(third.position).toBe(3);
  });

  test.each([
    ["lost", frame([0, 1], [0, 3])],
    ["twice", frame([0, 1], [0, 1])],
    ["not from the start", frame([0, 2])],
    [
      "damaged",
      Buffer.from(
        frame([0, 1])
          .toString()
          .replace(/.{20}$/, "x".repeat(20)),
      ),
    ],
  ])("a message that is %s is a fault in the first to get it", (_what, bytes) => {
    const check = new Check();
    take(check, { position: 0 }, bytes);
    expect(check.fault).toBeDefined();
  });

  test.each([
    ["lost", frame([0, 1], [0, 3])],
    ["twice", frame([0, 1], [0, 1])],
    ["in another order", frame([1, 1], [0, 1])],
    [
      "altered",
      Buffer.from(
        frame([0, 1], [0, 2], [1, 1])
          .toString()
          .replace(/[a-f0-9]{8}"}$/, `00000000"}`),
      ),
    ],
  ])("a message that is %s is a fault in one who follows", (_what, bytes) => {
    const check = new Check();
    take(check, { position: 0 }, frame([0, 1], [0, 2], [1, 1]));
    take(check, { position: 0 }, bytes);
    expect(check.fault).toBeDefined();
  });

  test("a frame seen before counts only where it was seen", () => {
    const check = new Check();
    const cursor = { position: 0 };
    take(check, { position: 0 }, frame([0, 1]));
    take(check, cursor, frame([0, 1]));
    take(check, cursor, frame([0, 1]));
    expect(check.fault).toBeDefined();
  });

  test("a frame without messages is nothing", () => {
    const check = new Check();
    const cursor = { position: 0 };
    expect(take(check, cursor, Buffer.from(`{"t":"mark","n":1}`))).toBe(0);
    expect(cursor.position).toBe(0);
    expect(check.fault).toBeUndefined();
  });
});
