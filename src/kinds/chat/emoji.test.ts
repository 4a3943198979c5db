import data from "emoji-picker-element-data/en/emojibase/data.json" with { type: "json" };
import { expect, test } from "vitest";
import { normalizeEmoji } from "./emoji.ts";
import { fold } from "./fold.ts";
import { chatIntents } from "./intents.ts";
import { reactors } from "./message.ts";
import { ADA, BOB, EVE, Talk } from "./try-chat.ts";
import type { ChatOp, ChatState, Message } from "./types.ts";

interface Emoji {
  readonly emoji: string;
  readonly skins?: readonly { readonly emoji?: string }[];
}

const EVERY = (data as readonly Emoji[]).flatMap(({ emoji, skins = [] }) => [
  emoji,
  ...skins.flatMap((skin) => skin.emoji ?? []),
]);

test("T20 every emoji of Unicode is a reaction, with or without its variation selectors, and no two become one", () => {
  expect(EVERY.length).toBeGreaterThan(3_000);
  const normal = EVERY.map((emoji) => normalizeEmoji(emoji));
  expect(new Set(normal).size).toBe(new Set(EVERY).size);
  expect(normal.map(normalizeEmoji)).toEqual(normal);
  expect(EVERY.map((emoji) => normalizeEmoji(emoji.replaceAll("\ufe0f", "")))).toEqual(normal);
  const refused = [...EVERY, ...EVERY.map((emoji) => emoji.replaceAll("\ufe0f", ""))].filter(
    (reaction) => "issues" in chatIntents["~standard"].validate({ type: "react", n: 1, reaction }),
  );
  expect(refused).toEqual([]);
});

test.each([
  ["❤", "❤️", "❤️"],
  ["❤︎", "❤", "❤️"],
  ["1⃣", "1️⃣", "1️⃣"],
  ["🏳‍🌈", "🏳️‍🌈", "🏳️‍🌈"],
  ["👩‍❤‍👩", "👩‍❤️‍👩", "👩‍❤️‍👩"],
  ["☝🏽", "☝️🏽", "☝🏽"],
  ["👍️", "👍", "👍"],
])("T20 %s and %s are one reaction, stored as %s; either takes it back", (one, other, stored) => {
  const room = new Talk();
  room.do(ADA, { type: "send", text: "hi" });
  expect(room.do(BOB, { type: "react", n: 1, reaction: one })).toBeUndefined();
  expect(room.do(EVE, { type: "react", n: 1, reaction: other })).toBeUndefined();
  expect(room.do(BOB, { type: "react", n: 1, reaction: other })).toBeUndefined();
  expect(room.state.recent[0]?.reactions).toEqual({ [stored]: ["g:bob", "u:7"] });
  expect(room.log).toHaveLength(3);
  expect(room.do(BOB, { type: "unreact", n: 1, reaction: other })).toBeUndefined();
  expect(room.do(EVE, { type: "unreact", n: 1, reaction: one })).toBeUndefined();
  expect(room.state.recent[0]?.reactions).toBeUndefined();
});

test("T20 what an older version stored in two spellings counts once for each person, and becomes one with the next op", () => {
  const message: Message = {
    n: 1,
    from: "g:ada",
    name: "Ada",
    text: "hi",
    at: 1,
    reactions: { "❤": ["g:bob", "u:7"], "❤️": ["u:7", "g:x"], lol: ["g:y"] },
  };
  const state: ChatState = { ...new Talk().state, recent: [message] };
  expect(reactors(message, "❤")).toEqual(["g:bob", "u:7", "g:x"]);
  const op = (type: "react" | "unreact", reaction: string, person: string): ChatOp => ({
    type,
    n: 1,
    reaction,
    person,
  });
  expect(fold(state, op("unreact", "❤", "u:7")).recent[0]?.reactions).toEqual({ lol: ["g:y"], "❤️": ["g:bob", "g:x"] });
  expect(fold(state, op("react", "❤", "g:z")).recent[0]?.reactions?.["❤️"]).toEqual(["g:bob", "u:7", "g:x", "g:z"]);
  expect(fold(state, op("unreact", "lol", "g:y")).recent[0]?.reactions).not.toHaveProperty("lol");
});
