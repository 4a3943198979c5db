import { expect, test } from "vitest";
import { ADA, BOB, EVE, MOD, Talk } from "./try-chat.ts";
import type { ChatIntent, ChatOp } from "./types.ts";

const SLOW = "too_many_requests /rules/slow";
const send = (text: string): ChatIntent => ({ type: "send", text });

function slowRoom(): Talk {
  const room = new Talk();
  room.do(MOD, { type: "rules", slow: 5_000 });
  return room;
}

test("T19 slow mode holds a guest by the address: whoever they say they are, and over HTTP", () => {
  const room = slowRoom();
  expect(room.do(ADA, send("one"))).toBeUndefined();
  expect(room.do({ ...ADA, by: "reconnected" }, send("two"))).toBe(SLOW);
  expect(room.do({ ...ADA, guest: "another" }, send("two"))).toBe(SLOW);
  const http = { can: ["write"] as const, address: "a1" };
  expect(room.do(http, send("two"))).toBe(SLOW);
  expect(room.do({ ...http, by: "of-a-key" }, send("two"))).toBe(SLOW);
  // Another guest without a name is another.
  expect(room.do({ ...http, address: "c3" }, send("two"))).toBeUndefined();
  expect(room.do({ ...http, address: "d4" }, send("three"))).toBeUndefined();
  expect(room.do(ADA, send("four"), 5_000)).toBeUndefined();
});

test("T19 slow mode holds a user by the id, wherever they are, and where no address is known a guest by the name", () => {
  const room = slowRoom();
  room.do(EVE, send("one"));
  expect(room.do({ ...EVE, address: "elsewhere" }, send("two"))).toBe(SLOW);
  expect(room.do({ ...BOB, address: "e3" }, send("two"))).toBeUndefined();
  const nowhere = { by: "nat", can: ["write"] as const };
  expect(room.do(nowhere, send("three"))).toBeUndefined();
  expect(room.do(nowhere, send("four"))).toBe(SLOW);
});

test("T19 neither the Worker's own sends nor moderators' are held or remembered, and they hold up nobody", () => {
  const room = slowRoom();
  const worker = { can: ["read", "write", "admin"] as const };
  for (const author of [worker, { ...worker, by: "of-a-key" }, MOD]) {
    expect(room.do(author, send("news"))).toBeUndefined();
    expect(room.do(author, send("more"))).toBeUndefined();
  }
  expect(room.state.spoke).toEqual({});
  expect(room.do({ can: ["write"] }, send("nobody in particular"))).toBeUndefined();
  expect(room.do({ can: ["write"] }, send("nor this one"))).toBeUndefined();
  expect(room.state.spoke).toEqual({});
});

test("T19 L1 a log from before still folds", () => {
  const room = slowRoom();
  const message = { n: 2, from: "g:ada", name: "Ada", text: "old", at: 5 };
  const op: ChatOp = { type: "send", message, address: "a1" };
  expect(room.kind.fold(room.state, op).recent).toEqual([message]);
});
