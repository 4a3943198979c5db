import { describe, expect, test } from "vitest";
import { CHAT_LIMITS } from "./limits.ts";
import { cleanName, givenName } from "./names.ts";
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

test.each(["👩‍🚀 Ada", "❤️", "1️⃣", "👩🏽‍❤️‍👨🏿", "🏳️‍🌈", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Iona", "Ада", "علي", "नमस्ते", "Zoë"])(
  "T7 the name %s stays as it is",
  (name) => {
    expect(cleanName(name)).toBe(name);
  },
);

test.each([
  ["Persian", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"],
  ["Persian, after a letter that joins nothing", "\u0645\u062d\u0645\u062f\u200c\u0631\u0636\u0627"],
  ["Persian with vowel marks", "\u0639\u064e\u0644\u06cc\u0650\u200c\u0631\u0636\u0627"],
  ["Hindi", "\u0915\u094d\u200d\u0937"],
  ["Nepali", "\u0917\u0930\u094d\u200d\u092f\u094b"],
  ["Bengali, before the virama", "\u09b0\u200d\u09cd\u09af\u09be\u09ac"],
  ["Sinhala", "\u0dc1\u0dca\u200d\u0dbb\u0dd3"],
  ["Malayalam, at the end", "\u0d05\u0d28\u0d3f\u0d32\u0d4d\u200d"],
  ["Malayalam, at the end of a word", "\u0d05\u0d28\u0d3f\u0d32\u0d4d\u200d K"],
  ["Kannada", "\u0cb0\u0cbe\u0c9c\u0ccd\u200c\u0c95\u0cc1\u0cae\u0cbe\u0cb0\u0ccd"],
  ["Mongolian", "\u1820\u180b\u1821\u180e\u1820"],
  ["Japanese", "\u845b\u{e0100}\u57ce"],
])("T7 a name in %s keeps the invisible characters of its spelling", (_, name) => {
  expect(cleanName(name)).toBe(name);
});

test.each([
  ["between letters of other scripts", "A\u200cda\ufe0f\u{e0100}", "Ada"],
  ["beside a letter of another script", "\u0639\u200cAda\u200c\u0639", "\u0639Ada\u0639"],
  ["at the beginning and the end", "\u200c\u0639\u0644\u06cc\u200c", "\u0639\u0644\u06cc"],
  ["more than one", "\u0639\u200c\u200d\u200c\u0644", "\u0639\u200c\u0644"],
  ["behind another that is invisible", "\u0639\u00ad\u200c\u0644", "\u0639\u0644"],
  ["two variation selectors", "\u845b\u{e0100}\u{e0101}", "\u845b\u{e0100}"],
  ["tags without a flag", "Ada\u{e0067}\u{e007f}", "Ada"],
  ["a flag's tags without an end", "\u{1f3f4}\u{e0067}\u{e0062}", "\u{1f3f4}"],
  ["a joiner behind emoji", "👩\u200d", "👩"],
])("T7 invisible characters that spell nothing are removed: %s", (_, name, clean) => {
  expect(cleanName(name)).toBe(clean);
  expect(cleanName(clean)).toBe(clean);
});

test("T7 a user's name that is cut ends with nothing invisible", () => {
  expect(givenName(`${"\u0639".repeat(31)}\u200c\u0639`, CHAT_LIMITS)).toBe("\u0639".repeat(31));
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
