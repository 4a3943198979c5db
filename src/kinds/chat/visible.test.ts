import { describe, expect, test } from "vitest";
import { cleanName } from "./names.ts";
import { ADA, Talk } from "./try-chat.ts";
import type { ChatOp } from "./types.ts";

const INVISIBLE = [
  "\u0000",
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u115f",
  "\u180e",
  "\u200b",
  "\u200d",
  "\u2028",
  "\u202e",
  "\u2060",
  "\u2800",
  "\u3164",
  "\ufe0f",
  "\ufeff",
  "\uffa0",
  "\u{e0041}",
];

describe.each(INVISIBLE.map((text) => [JSON.stringify(text).slice(1, -1), text]))("%s", (_, text) => {
  test("T7 is nobody's name, and none of one", () => {
    expect(cleanName(text)).toBe("anonymous");
    expect(cleanName(`${text}Ada${text}`)).toBe("Ada");
    expect(cleanName(`A${text}da`)).toMatch(/^A ?da$/);
  });

  test("T6 is no message; beside what is seen it is", () => {
    const room = new Talk();
    expect(room.do(ADA, { type: "send", text })).toBe("bad_intent /text");
    expect(room.do(ADA, { type: "send", text: `${text} \n${text}` })).toBe("bad_intent /text");
    expect(room.do(ADA, { type: "send", text: `${text}hi${text}` })).toBeUndefined();
    expect(room.do(ADA, { type: "edit", n: 1, text })).toBe("bad_intent /text");
    expect(room.state.recent.map((message) => message.text)).toEqual([`${text}hi${text}`]);
  });
});

test.each(["👩‍🚀 Ada", "❤️", "1️⃣", "👩🏽‍❤️‍👨🏿", "🏳️‍🌈", "Ада", "علي", "नमस्ते", "Zoë"])("T7 the name %s stays as it is", (name) => {
  expect(cleanName(name)).toBe(name);
});

test("T7 what joins emoji joins nothing else", () => {
  expect(cleanName("A\u200dda\ufe0f")).toBe("Ada");
  expect(cleanName("👩\u200d")).toBe("👩");
});

test("L1 T6 T7 what was said before under such names, with such texts and reactions, still folds", () => {
  const room = new Talk();
  const message = { n: 1, from: "g:a", name: "\u3164", text: "\u200b", at: 1 };
  const ops: readonly ChatOp[] = [
    { type: "send", message },
    { type: "react", n: 1, reaction: "lol", person: "g:b" },
  ];
  const state = ops.reduce(room.kind.fold, room.kind.initial());
  expect(state.recent).toEqual([{ ...message, reactions: { lol: ["g:b"] } }]);
});
