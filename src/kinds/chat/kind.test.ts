import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { chatKind } from "./kind.ts";
import { ADA, BOB, EVE, MOD, Talk, type Author } from "./try-chat.ts";
import type { ChatIntent } from "./types.ts";

const send = (text: string, more: object = {}): ChatIntent => ({ type: "send", text, ...more });

/** A talk in which these texts were sent by Ada. */
function talk(...texts: readonly string[]): Talk {
  const room = new Talk();
  for (const text of texts) room.do(ADA, send(text));
  return room;
}

describe("messages", () => {
  test("T1 have the number of their op, an author, a name, a time", () => {
    const room = talk("hi");
    room.do(EVE, send("ho", { key: "k" }));
    expect(room.state.recent).toEqual([
      { n: 1, from: "g:ada", name: "Ada", text: "hi", at: 1_700_000_000_001 },
      { n: 2, from: "u:7", name: "Eve", text: "ho", at: 1_700_000_000_002, key: "k" },
    ]);
    expect(room.state).toMatchObject({ count: 2, lastAt: 1_700_000_000_002 });
  });

  test("T2 times rise, whatever the clock does", () => {
    const room = new Talk();
    for (const after of [1, 0, 0, -1000, 0]) room.do(ADA, send("x"), after);
    const first = 1_700_000_000_001;
    expect(room.state.recent.map(({ at }) => at - first)).toEqual([0, 1, 2, 3, 4]);
  });

  test("T8 the state holds the last hundred, and does not grow with a hundred thousand", () => {
    const { decide, fold, initial } = chatKind();
    const bytes: number[] = [];
    let state = initial();
    for (let seq = 100_001; seq <= 200_000; seq += 1) {
      const context = {
        now: 1_700_000_000_000 + seq,
        id: () => "",
        can: [],
        limits: DEFAULT_LIMITS,
        seq,
        by: `b${seq}`,
      };
      const ops = decide(state, send(`text ${seq}`), context);
      if (ops instanceof Refusal) throw new Error(ops.message);
      state = ops.reduce(fold, state);
      if (seq % 25_000 === 0) bytes.push(JSON.stringify(state).length);
    }
    expect(state.recent).toHaveLength(100);
    expect([state.recent[0]?.n, state.count]).toEqual([199_901, 100_000]);
    // The count has more digits than before.
    expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThan(3);
  });

  test("T3 a reply quotes the beginning of its original", () => {
    const room = talk(`${"x".repeat(79)}😀 and more`);
    room.do(BOB, send("yes", { reply: 1 }));
    expect(room.state.recent[1]?.reply).toEqual({ n: 1, name: "Ada", text: "x".repeat(79) });
    expect(room.do(BOB, send("to nothing", { reply: 9 }))).toBe("conflict /reply");
    room.do(ADA, { type: "delete", n: 1 });
    expect(room.do(BOB, send("to the deleted", { reply: 1 }))).toBe("conflict /reply");
  });

  test("T3 an edit shows in the message, with its time; the same text is no edit", () => {
    const room = talk("one");
    expect(room.do(ADA, { type: "edit", n: 1, text: "two" })).toBeUndefined();
    expect(room.do(ADA, { type: "edit", n: 1, text: "two" })).toBeUndefined();
    expect(room.state.recent).toMatchObject([{ n: 1, text: "two", at: 1_700_000_000_001, edited: 1_700_000_000_002 }]);
    expect(room.log).toHaveLength(2);
  });

  test("T3 reactions are of persons, once each", () => {
    const room = talk("hi");
    for (const [author, type, reaction] of [
      [BOB, "react", "👍"],
      [BOB, "react", "👍"],
      [EVE, "react", "👍"],
      [ADA, "react", "🎉"],
      [ADA, "unreact", "constructor"],
      [ADA, "unreact", "__proto__"],
      [BOB, "unreact", "👍"],
    ] as const) {
      expect(room.do(author, { type, n: 1, reaction })).toBeUndefined();
    }
    expect(JSON.stringify(room.state.recent[0]?.reactions)).toBe('{"🎉":["g:ada"],"👍":["u:7"]}');
    expect(room.log).toHaveLength(5);
    expect(room.do({ can: ["write"] }, { type: "react", n: 1, reaction: "👍" })).toBe("forbidden");
  });

  test("T3 a message takes 200 reactions", () => {
    const room = talk("hi");
    const react = (id: number): string | undefined =>
      room.do({ ...BOB, by: `b${id}` }, { type: "react", n: 1, reaction: "👍" });
    for (let id = 0; id < 200; id += 1) expect(react(id)).toBeUndefined();
    expect(react(200)).toBe("conflict /n");
  });

  test("T5 old messages are edited and deleted in the log, which the state no longer holds", () => {
    const room = talk("old");
    for (let n = 0; n < 100; n += 1) room.do(ADA, send("later"));
    expect(room.do(ADA, { type: "edit", n: 1, text: "older" })).toBeUndefined();
    expect(room.log[0]).toMatchObject({ type: "send", message: { text: "older" } });
    expect(room.do(BOB, { type: "delete", n: 1 })).toBe("forbidden");
    expect(room.do(ADA, { type: "delete", n: 1 })).toBeUndefined();
    expect(JSON.stringify(room.log)).not.toContain("old");
  });
});

describe("who may", () => {
  test.each<[string, Author, ChatIntent, string | undefined]>([
    ["the author edits", ADA, { type: "edit", n: 1, text: "x" }, undefined],
    ["another does not", BOB, { type: "edit", n: 1, text: "x" }, "forbidden"],
    ["a moderator does", MOD, { type: "edit", n: 1, text: "x" }, undefined],
    ["the author deletes", ADA, { type: "delete", n: 1 }, undefined],
    ["another does not delete", BOB, { type: "delete", n: 1 }, "forbidden"],
    ["a moderator deletes", MOD, { type: "delete", n: 1 }, undefined],
    ["one who claims the name does not", { ...BOB, presence: { name: "Ada" } }, { type: "delete", n: 1 }, "forbidden"],
    [
      "a user of the guest's name does not",
      { user: { id: "ada" }, can: ["write"] },
      { type: "delete", n: 1 },
      "forbidden",
    ],
    ["nobody in particular does not", { can: ["write"] }, { type: "delete", n: 2 }, "forbidden"],
    ["muting needs a moderator", ADA, { type: "mute", n: 1 }, "forbidden"],
    ["so does banning", ADA, { type: "ban", n: 1 }, "forbidden"],
    ["and lifting it", ADA, { type: "unban", person: "g:x" }, "forbidden"],
    ["and the rules", ADA, { type: "rules", locked: true }, "forbidden"],
    ["what is not there cannot be edited", ADA, { type: "edit", n: 7, text: "x" }, "conflict /n"],
    ["nor what is no message", ADA, { type: "delete", n: 3 }, "conflict /n"],
  ])("T4 %s", (_title, author, intent, refused) => {
    const room = talk("hi");
    room.do({ can: ["write"] }, send("of nobody"));
    room.do(ADA, { type: "edit", n: 1, text: "hello" });
    const before = room.state;
    expect(room.do(author, intent)).toBe(refused);
    expect(room.state === before).toBe(refused !== undefined);
  });

  test("T9 moderators are seldom bound by rules", () => {
    const room = talk();
    room.do(MOD, { type: "rules", locked: true });
    expect(room.do(ADA, send("hi"))).toBe("forbidden /rules/locked");
    expect(room.do(MOD, send("hi"))).toBeUndefined();
    expect(room.do(ADA, { type: "react", n: 2, reaction: "👍" })).toBe("forbidden /rules/locked");
    room.do(MOD, { type: "rules", locked: false, slow: 5_000 });
    expect(room.do(ADA, send("one"))).toBeUndefined();
    expect(room.do(ADA, send("two"), 4_998)).toBe("too_many_requests /rules/slow");
    expect(room.do(BOB, send("three"))).toBeUndefined();
    expect(room.do(ADA, send("four"))).toBeUndefined();
    expect([room.do(MOD, send("five")), room.do(MOD, send("six"))]).toEqual([undefined, undefined]);
    room.do(MOD, { type: "rules", slow: 0 });
    expect(room.state.spoke).toEqual({});
    expect(room.do(ADA, send("seven"))).toBeUndefined();
  });

  test("T9 a mute holds for the person, and for a guest's address, until it ends or is lifted", () => {
    const room = talk("hi");
    expect(room.do(MOD, { type: "mute", n: 1, for: 1_000 })).toBeUndefined();
    expect(room.do(ADA, send("x"))).toBe("forbidden");
    expect(room.do({ ...ADA, by: "ada2" }, send("x"))).toBe("forbidden");
    expect(room.do({ ...ADA, address: "elsewhere" }, send("x"))).toBe("forbidden");
    expect(room.do(ADA, { type: "delete", n: 1 })).toBeUndefined();
    expect(room.do(BOB, send("x"))).toBeUndefined();
    expect(room.do(ADA, send("x"), 1_000)).toBeUndefined();
    room.do(MOD, { type: "mute", person: "g:ada" });
    expect(room.state.muted).toHaveLength(1);
    expect(room.do(ADA, send("x"))).toBe("forbidden");
    room.do(MOD, { type: "unmute", person: "g:ada" });
    expect(room.do(ADA, send("x"))).toBeUndefined();
  });

  test("T9 a user is sanctioned alone, unless the address is asked for; nobody sanctions themselves", () => {
    const room = new Talk();
    room.do(EVE, send("hi"));
    room.do(MOD, { type: "ban", n: 1 });
    expect(room.state.banned).toEqual([{ person: "u:7", name: "Eve" }]);
    room.do(MOD, { type: "ban", n: 1, address: true });
    expect(room.state.banned).toEqual([{ person: "u:7", name: "Eve", address: "e3" }]);
    room.do(MOD, send("mine"));
    expect(room.do(MOD, { type: "ban", n: 4 })).toBe("conflict");
    expect(room.do(MOD, { type: "ban" })).toBe("bad_intent");
  });

  test("T9 who is banned is not let in, and says nothing over HTTP either", () => {
    const room = talk("hi");
    room.do(MOD, { type: "ban", n: 1, for: 60_000 });
    const { admits } = chatKind();
    const at = (author: Author, now = room.now): string | undefined =>
      admits?.(room.state, { can: [], ...author, now })?.code;
    expect(at(ADA)).toBe("forbidden");
    expect(at({ ...BOB, address: "a1" })).toBe("forbidden");
    expect(at({ ...MOD, address: "a1" })).toBeUndefined();
    expect(at(BOB)).toBeUndefined();
    expect(at(ADA, room.now + 60_000)).toBeUndefined();
    expect(room.do(ADA, send("x"))).toBe("forbidden");
    room.do(MOD, { type: "unban", person: "g:ada" });
    expect(at(ADA)).toBeUndefined();
  });
});

describe("limits", () => {
  type Row = [string, ChatIntent, string | undefined];
  const reacting = (reaction: string, refused: string | undefined): Row => [
    `the reaction ${JSON.stringify(reaction)}`,
    { type: "react", n: 1, reaction },
    refused,
  ];

  test.each<Row>([
    ["4,000 units", send("x".repeat(4_000)), undefined],
    ["4,001 units", send("x".repeat(4_001)), "too_large /text"],
    ["2,001 characters of two units", send("😀".repeat(2_001)), "too_large /text"],
    ["nothing", send(""), "bad_intent /text"],
    ["spaces", send(" \n\t "), "bad_intent /text"],
    ["a number", send(7 as unknown as string), "bad_intent"],
    ["a list", send([] as unknown as string), "bad_intent"],
    ["an unknown member", send("x", { from: "u:1" }), "bad_intent"],
    ["a long key", send("x", { key: "k".repeat(65) }), "bad_intent"],
    ["a reply to no number", send("x", { reply: 1.5 }), "bad_intent"],
    ...["a b", "lol", "1", "👍👍", "👍 ", "👩‍", "\u200b", "", "❤".repeat(20)].map((text) =>
      reacting(text, "bad_intent"),
    ),
    ...["👍", "❤️", "❤", "☕", "👏🏽", "1️⃣", "🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👩🏻‍❤️‍💋‍👩🏿"].map((text) => reacting(text, undefined)),
    ["taking back what is no reaction any more", { type: "unreact", n: 1, reaction: "lol" }, undefined],
    ["an unknown type", { type: "shout" } as unknown as ChatIntent, "bad_intent"],
    ["a long edit", { type: "edit", n: 1, text: "x".repeat(4_001) }, "too_large /text"],
    ["an endless slow mode", { type: "rules", slow: 1e12 }, "bad_intent"],
  ])("T6 T20 %s", (_title, intent, refused) => {
    const room = talk("hi");
    expect(room.do(MOD, intent)).toBe(refused);
  });

  test("T6 each is configurable, and named by its error", () => {
    const room = new Talk({ message: 3, name: 5 });
    expect(room.do(ADA, send("abcd"))).toBe("too_large /text");
    expect(room.decide(ADA, send("abcd"))).toMatchObject({ message: "Message too long." });
    expect(room.decide({ can: ["write"] }, send("abc", { name: "Annabel" }))).toMatchObject({
      code: "too_large",
      message: "Name too long.",
    });
    const shown = room.kind.presence?.({ name: "Annabel" }, { can: [], now: 0 });
    expect(shown).toMatchObject({ code: "too_large", message: "Name too long." });
    expect(() => chatKind({ message: 0 })).toThrow(TypeError);
    expect(() => chatKind({ name: 1e9 })).toThrow(/name is a whole number/);
  });
});

describe("names and presence", () => {
  const presence = (data: object, author: Author = {}, now = 1_000): unknown =>
    chatKind().presence?.({ ...data }, { can: [], now, ...author });

  test.each<[string, object, Author, string]>([
    ["one's own", { name: "Ada" }, {}, "Ada"],
    ["none", {}, {}, "anonymous"],
    ["an empty one", { name: "" }, {}, "anonymous"],
    ["spaces", { name: "  " }, {}, "anonymous"],
    ["lines and marks of direction", { name: "Ada\n\u202e:\u200b x " }, {}, "Ada : x"],
    ["markup stays what it is: text", { name: "<b>Ada</b>" }, {}, "<b>Ada</b>"],
    ["the user's, whatever it says", { name: "Mallory" }, { user: { id: "1", name: "Ada" } }, "Ada"],
    ["a long one of the user's is cut", {}, { user: { id: "1", name: "x".repeat(40) } }, "x".repeat(32)],
    ["its own of a user without one", { name: "Ada" }, { user: { id: "1" } }, "Ada"],
  ])("T7 %s", (_title, data, author, name) => {
    expect(presence(data, author)).toEqual({ name });
  });

  test("T7 what is not its shape is refused or left out; typing ends by itself", () => {
    expect(presence({ name: 7 })).toBeInstanceOf(Refusal);
    expect(presence({ name: ["x"] })).toBeInstanceOf(Refusal);
    expect(presence({ color: "red" })).toBeInstanceOf(Refusal);
    expect(presence({ color: "#ABCDEF", extra: 1 })).toEqual({ name: "anonymous", color: "#abcdef" });
    expect(presence({ typing: true })).toEqual({ name: "anonymous", typing: 7_000 });
    expect(presence({ typing: 1e15 })).toEqual({ name: "anonymous", typing: 7_000 });
    expect(presence({ typing: 1_500 })).toEqual({ name: "anonymous", typing: 1_500 });
    expect(presence({ typing: 900 })).toEqual({ name: "anonymous" });
    expect(presence({ typing: "yes" })).toEqual({ name: "anonymous" });
  });

  test("T7 a message goes by the name that the room knows, not by one that comes with it", () => {
    const room = new Talk();
    room.do(ADA, send("x", { name: "Mallory" }));
    room.do({ user: { id: "1", name: "Root" }, can: ["write"] }, send("x", { name: "Mallory" }));
    room.do({ can: ["write"] }, send("x", { name: "Build bot" }));
    room.do({ can: ["write"] }, send("x"));
    expect(room.state.recent.map(({ name }) => name)).toEqual(["Ada", "Root", "Build bot", "anonymous"]);
  });

  test("T10 read markers only go forward, and not past the end", () => {
    const room = talk("one", "two", "three");
    expect(room.do(BOB, { type: "read", n: 2 })).toBeUndefined();
    expect(room.do(BOB, { type: "read", n: 1 })).toBeUndefined();
    expect(room.do(BOB, { type: "read", n: 4 })).toBe("conflict /n");
    expect(room.state.read).toEqual({ "g:bob": 2 });
    expect(room.do({ can: ["write"] }, { type: "read", n: 3 })).toBe("forbidden");
    for (let id = 0; id < 250; id += 1) room.do({ ...BOB, by: `b${id}` }, { type: "read", n: 3 });
    expect(Object.keys(room.state.read)).toHaveLength(200);
    expect(Object.keys(room.state.read).at(-1)).toBe("g:b249");
  });
});
