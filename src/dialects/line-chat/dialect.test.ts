import { expect, test } from "vitest";
import { EMPTY } from "../../kinds/chat/fold.ts";
import type { ChatOp, ChatState } from "../../kinds/chat/types.ts";
import { refuse } from "../../protocol/refusal.ts";
import type { DialectEvent, Step } from "../dialect.ts";
import { lineChat } from "./index.ts";

const VIEW = { state: EMPTY, roster: [] };
const chat = lineChat();
const step = (event: DialectEvent<ChatState, ChatOp>): Step<null> => chat.step(null, event);
const send = (name: string, text: string): ChatOp => ({
  type: "send",
  message: { n: 1, from: "g:x", name, text, at: 1 },
});

test("T13 a socket is a member at once, by the name of its address or by none", () => {
  const open = (params: object): Step<null> => step({ type: "open", params: { ...params }, by: "x", ...VIEW });
  expect(open({})).toEqual({ session: null, frames: [], commands: [{ do: "presence", data: { name: "" } }] });
  expect(open({ name: "Ada" }).commands).toEqual([{ do: "presence", data: { name: "Ada" } }]);
  const { frames, commands } = open({ name: "x".repeat(33) });
  expect(frames).toEqual(["Name too long."]);
  expect(commands).toMatchObject([{ do: "close", code: 1009 }]);
});

test("T13 each text frame is a message, as it is", () => {
  for (const text of ["hi", "", '{"message":"x"}', "two\nlines", "<b>"]) {
    expect(step({ type: "frame", data: text, ...VIEW })).toEqual({
      session: null,
      frames: [],
      commands: [{ do: "mutate", intents: [{ type: "send", text }] }],
    });
  }
  expect(step({ type: "frame", data: new ArrayBuffer(3), ...VIEW })).toMatchObject({
    frames: ["Binary frames are not read here; send text."],
    commands: [],
  });
});

test("T13 lines: messages with the name of those who have one, comings and goings", () => {
  let made = 0;
  const changes = [send("anonymous", "hi"), send("Ada", "ho"), { type: "rules", rules: EMPTY.rules } as const].map(
    (op) => ({
      op,
      before: EMPTY,
      after: EMPTY,
    }),
  );
  const once = (make: () => readonly string[]): readonly string[] => {
    made += 1;
    return make();
  };
  expect(step({ type: "run", run: { seq: 1, changes, once } }).frames).toEqual(["hi", "Ada: ho"]);
  expect(made).toBe(1);
  const member = { by: "x", data: { name: "Ada" } };
  expect(step({ type: "joined", member, self: true }).frames).toEqual(["User joined."]);
  expect(step({ type: "left", member }).frames).toEqual(["User left."]);
  expect(step({ type: "reset", state: EMPTY, once }).frames).toEqual([]);
});

test("T13 why a message was refused is a line to its sender", () => {
  const line = (refusal: ReturnType<typeof refuse>): readonly string[] => step({ type: "refused", refusal }).frames;
  expect(line(refuse("too_large", "One mutation may have 9 bytes."))).toEqual(["Message too long."]);
  expect(line(refuse("too_many_requests", "x"))).toEqual(["Your IP is being rate-limited, please try again later."]);
  expect(line(refuse("forbidden", "You are muted."))).toEqual(["You are muted."]);
});
