import { describe, expect, test } from "vitest";
import { EMPTY } from "../../kinds/chat/fold.ts";
import type { ChatOp, ChatState, Message } from "../../kinds/chat/types.ts";
import { refuse } from "../../protocol/refusal.ts";
import type { PresenceRecord } from "../../protocol/room/presence.ts";
import type { DialectEvent, Once, Step } from "../dialect.ts";
import { jsonChat, type JsonChatSession } from "./index.ts";

const message = (n: number, text: string, more: Partial<Message> = {}): Message => ({
  n,
  from: "g:ada",
  name: "Ada",
  text,
  at: 1_000 + n,
  ...more,
});
const member = (name: string): PresenceRecord => ({ by: name.toLowerCase(), data: { name } });
const STATE: ChatState = {
  ...EMPTY,
  recent: [message(1, "one"), message(2, "", { deleted: { by: "g:ada", at: 5 } }), message(3, "three", { edited: 9 })],
};
const VIEW = { state: STATE, roster: [member("Ada"), member("anonymous")] };

function once(): Once {
  let made: readonly string[] | undefined;
  return (make) => (made ??= make());
}

const chat = jsonChat();
const step = (session: JsonChatSession, event: DialectEvent<ChatState, ChatOp>): Step<JsonChatSession> =>
  chat.step(session, event);
const frame = (session: JsonChatSession, data: string | ArrayBuffer): Step<JsonChatSession> =>
  step(session, { type: "frame", data, ...VIEW });
const nothing = (session: JsonChatSession): Step<JsonChatSession> => ({ session, frames: [], commands: [] });

const run = (...ops: readonly ChatOp[]): DialectEvent<ChatState, ChatOp> => ({
  type: "run",
  run: { seq: 4, changes: ops.map((op) => ({ op, before: EMPTY, after: EMPTY })), once: once() },
});

describe("coming in", () => {
  test("T11 until the name has come nothing is told, then all of it", () => {
    expect(step("new", { type: "open", params: {}, by: "x", ...VIEW })).toEqual(nothing("new"));
    expect(step("new", run({ type: "send", message: message(4, "four") }))).toEqual(nothing("new"));
    expect(step("new", { type: "joined", member: member("Bob"), self: false })).toEqual(nothing("new"));
    expect(step("new", { type: "left", member: member("Bob") })).toEqual(nothing("new"));
    expect(frame("new", '{"name":"Eve"}')).toEqual({
      session: "naming",
      frames: [
        '{"joined":"Ada"}',
        '{"joined":"anonymous"}',
        '{"name":"Ada","message":"one","timestamp":1001}',
        '{"name":"Ada","message":"three","timestamp":1003}',
      ],
      commands: [{ do: "presence", data: { name: "Eve" } }],
    });
    expect(step("naming", { type: "joined", member: member("Eve"), self: true })).toEqual({
      session: "named",
      frames: ['{"joined":"Eve"}', '{"ready":true}'],
      commands: [],
    });
  });

  test.each(['{"name":""}', "{}", '{"name":null}', '{"message":"hi"}', '{"__proto__":{"name":"x"}}'])(
    "T11 %s is no name, and so anonymous",
    (text) => {
      expect(frame("new", text).commands).toEqual([{ do: "presence", data: { name: "" } }]);
    },
  );

  test("T12 a name over the limit is refused and ends the connection with 1009", () => {
    const { session, frames, commands } = frame("new", JSON.stringify({ name: "x".repeat(33) }));
    expect({ session, frames }).toEqual({ session: "new", frames: ['{"error":"Name too long."}'] });
    expect(commands).toMatchObject([{ do: "close", code: 1009, refusal: { code: "too_large" } }]);
    expect(frame("new", JSON.stringify({ name: "x".repeat(32) })).session).toBe("naming");
    expect(
      jsonChat(() => ({ name: 40 })).step("new", { type: "frame", data: `{"name":"${"x".repeat(40)}"}`, ...VIEW })
        .session,
    ).toBe("naming");
  });

  test.each([
    "",
    "no JSON",
    "7",
    "null",
    "[]",
    '"x"',
    '{"name":7}',
    '{"name":["x"]}',
    new ArrayBuffer(4),
    "[".repeat(9_999),
  ])("T12 %s is answered by an error, and the name is still awaited", (data) => {
    const { session, frames, commands } = frame("new", data);
    expect({ session, commands }).toEqual({ session: "new", commands: [] });
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatch(/^\{"error":"[A-Z][^"]+\."\}$/);
  });

  test("T12 one whom the room does not take in may try again", () => {
    expect(step("naming", { type: "refused", refusal: refuse("forbidden", "Not you.") })).toEqual({
      session: "new",
      frames: ['{"error":"Not you."}'],
      commands: [],
    });
  });
});

test("T12 a frame too long to be read is a name too long, and later a message too long", () => {
  const refusal = refuse("too_large", "A frame may have 262144 bytes.");
  const first = step("new", { type: "refused", refusal });
  expect(first).toEqual(frame("new", JSON.stringify({ name: "x".repeat(33) })));
  expect(step("named", { type: "refused", refusal })).toEqual({
    session: "named",
    frames: ['{"error":"Message too long."}'],
    commands: [],
  });
});

describe("being there", () => {
  test("T11 a frame is a message; a name in it changes nothing", () => {
    expect(frame("named", '{"message":"hi","name":"Mallory"}')).toEqual({
      session: "named",
      frames: [],
      commands: [{ do: "mutate", intents: [{ type: "send", text: "hi" }] }],
    });
    expect(frame("named", '{"name":"Mallory"}')).toMatchObject({ session: "named", commands: [] });
  });

  test("T11 messages, comings and goings; edits and the rest have no words", () => {
    const event = run(
      { type: "send", message: message(4, '<b>"four"</b>') },
      { type: "edit", n: 4, edit: 5, text: "five", at: 1 },
      { type: "delete", n: 4, by: "g:ada", at: 2 },
      { type: "rules", rules: { slow: 0, locked: true } },
    );
    const first = step("named", event);
    expect(first.frames).toEqual(['{"name":"Ada","message":"<b>\\"four\\"</b>","timestamp":1004}']);
    expect(step("named", event).frames).toBe(first.frames);
    expect(step("named", { type: "joined", member: member("Bob"), self: false }).frames).toEqual(['{"joined":"Bob"}']);
    expect(step("named", { type: "left", member: member("Bob") }).frames).toEqual(['{"quit":"Bob"}']);
    expect(step("named", { type: "reset", state: EMPTY, once: once() })).toEqual(nothing("named"));
  });

  test.each(["", "no JSON", "{}", '{"message":7}', '{"message":null}', '{"message":{"x":1}}', new ArrayBuffer(4)])(
    "T12 %s is answered by an error",
    (data) => {
      const { session, frames, commands } = frame("named", data);
      expect({ session, commands }).toEqual({ session: "named", commands: [] });
      expect(frames[0]).toMatch(/^\{"error":"[A-Z][^"]+\."\}$/);
    },
  );

  test.each([
    [refuse("too_many_requests", "Too fast."), "Your IP is being rate-limited, please try again later."],
    [refuse("too_many_requests", "Slow mode.", { path: "/rules/slow" }), "Slow mode."],
    [refuse("too_large", "One mutation may have 131072 bytes."), "Message too long."],
    [refuse("forbidden", "You are muted."), "You are muted."],
  ])("T12 a refusal in its words: %s", (refusal, error) => {
    expect(step("named", { type: "refused", refusal }).frames).toEqual([JSON.stringify({ error })]);
  });
});
