import type { ChatMessage } from "roomcast";
import { afterEach, expect, test, vi } from "vitest";
import { countUnread, Reading } from "./reading.ts";
import { recentRooms, rememberRoom } from "./rooms.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

function withStorage(): void {
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
}

const talk = (to: number): ChatMessage[] =>
  Array.from({ length: to }, (_, i) => ({ n: i + 1, from: i === 4 ? "me" : "a", name: "a", text: "", at: i }));
const isMine = ({ from }: ChatMessage) => from === "me";

test("what comes while nobody looks at the end is counted and marked, and read when they come back", () => {
  let here = true;
  const reading = new Reading("a", () => here);
  expect(reading.state().read).toBe(0);
  const show = (to: number, atEnd = true) => {
    reading.show({ messages: talk(to), isMine, atEnd, epoch: "e1" });
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

test("R5 a room that was cleared is read from the beginning, by those who stay and those who come back", () => {
  withStorage();
  rememberRoom("a", 1);
  let here = true;
  const reading = new Reading("a", () => here);
  reading.show({ messages: talk(9), isMine, atEnd: true, epoch: "e1" });
  expect([reading.state().read, recentRooms()[0]?.read]).toEqual([9, 9]);

  here = false;
  reading.show({ messages: talk(2), isMine, atEnd: true, epoch: "e2" });
  expect(reading.state()).toEqual({ newFrom: undefined, unread: 2, read: 0 });
  // One who was elsewhere meanwhile, with what this browser remembers.
  const back = new Reading("a", () => true);
  expect(back.state().read).toBe(9);
  back.show({ messages: talk(3), isMine, atEnd: true, epoch: "e2" });
  expect([back.state().read, recentRooms()[0]?.read]).toEqual([3, 3]);

  // Another tab that has read less of the same history takes nothing back.
  here = true;
  reading.show({ messages: talk(2), isMine, atEnd: true, epoch: "e2" });
  expect(recentRooms()[0]?.read).toBe(3);
});

test("what an older page remembered of a room is of the history that is there", () => {
  withStorage();
  localStorage.setItem("roomcast:chats", JSON.stringify([{ id: "a", at: 1, read: 3 }]));
  const reading = new Reading("a", () => false);
  reading.show({ messages: talk(5), isMine: () => false, atEnd: true, epoch: "e1" });
  expect(reading.state()).toEqual({ newFrom: 4, unread: 2, read: 3 });
});

test("messages of others after the last that was read are unread; of another history, all are", () => {
  const messages = [...talk(7), { n: 8, from: "a", name: "a", text: "", at: 8, deleted: { by: "a", at: 9 } }];
  const room = { me: "me", version: "e1.20" };
  expect(countUnread(messages, { read: 3, epoch: "e1" }, room)).toBe(3);
  expect(countUnread(messages, { read: 8, epoch: "e1" }, room)).toBe(0);
  expect(countUnread(messages, { read: 8, epoch: "e0" }, room)).toBe(6);
  expect(countUnread(messages, { read: 0 }, room)).toBe(6);
});
