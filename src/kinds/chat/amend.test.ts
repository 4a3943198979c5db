import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ADA, BOB, EVE, MOD, Talk } from "./try-chat.ts";
import type { ChatIntent } from "./types.ts";

const author = fc.constantFrom(ADA, BOB, EVE, MOD);
/** Mostly a message, sometimes another op's number or one that is not there. */
const back = fc.integer({ min: 0, max: 12 });
const reaction = fc.constantFrom("👍", "❤️", "🎉");

/** What somebody does, `n` counted back from the newest op. Texts are made when it is done, so that each is another. */
const deed = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("send" as const), reply: fc.option(back, { nil: undefined }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("edit" as const), n: back }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("delete" as const), n: back }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom("react" as const, "unreact" as const), n: back, reaction }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("read" as const), n: back }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("rules" as const), slow: fc.constantFrom(0, 3) }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

function intentOf(deed: Deed, seq: number, text: string): ChatIntent {
  switch (deed.type) {
    case "send":
      return { type: "send", text, ...(deed.reply === undefined ? {} : { reply: Math.max(1, seq - deed.reply) }) };
    case "edit":
      return { ...deed, n: Math.max(1, seq - deed.n), text };
    case "delete":
    case "react":
    case "unreact":
    case "read":
      return { ...deed, n: Math.max(1, seq - deed.n) };
    case "rules":
      return deed;
  }
}

test("T5 the log as amended folds to the state, from the start and from any checkpoint; nothing of the deleted is left", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(author, deed), { maxLength: 60 }), (deeds) => {
      const room = new Talk();
      deeds.forEach(([who, what], index) => room.do(who, intentOf(what, room.seq, `text-${index}-`)));

      expect(room.decided.reduce(room.kind.fold, room.kind.initial())).toEqual(room.state);
      const log = JSON.stringify(room.log);
      const written = JSON.parse(log) as typeof room.log;
      expect(written.reduce(room.kind.fold, room.kind.initial())).toEqual(room.state);
      room.states.forEach((checkpoint, from) => {
        expect(JSON.stringify(written.slice(from).reduce(room.kind.fold, checkpoint))).toBe(JSON.stringify(room.state));
      });

      const deleted = new Set(room.decided.flatMap((op) => (op.type === "delete" ? [op.n] : [])));
      for (const op of room.decided) {
        const text =
          op.type === "send" && deleted.has(op.message.n)
            ? op.message.text
            : op.type === "edit" && deleted.has(op.n)
              ? op.text
              : undefined;
        if (text === undefined) continue;
        expect(log).not.toContain(text);
        expect(JSON.stringify(room.state)).not.toContain(text);
      }
    }),
    { numRuns: 300 },
  );
});

test("T5 history shows a message as it reads now", () => {
  const room = new Talk();
  room.do(ADA, { type: "send", text: "one" });
  room.do(BOB, { type: "send", text: "yes", reply: 1 });
  room.do(ADA, { type: "edit", n: 1, text: "two" });
  room.do(ADA, { type: "edit", n: 1, text: "three" });
  room.do(EVE, { type: "react", n: 1, reaction: "👍" });
  expect(room.log[0]).toMatchObject({
    message: { text: "three", edit: 4, replies: [2], reactions: { "👍": ["u:7"] } },
  });
  expect(room.log[2]).toEqual({ type: "edit", n: 1, edit: 3, at: 1_700_000_000_003 });
  room.do(MOD, { type: "delete", n: 1 });
  expect(room.log[0]).toEqual({
    type: "send",
    address: "a1",
    message: {
      n: 1,
      from: "g:ada",
      name: "Ada",
      text: "",
      at: 1_700_000_000_001,
      deleted: { by: "u:1", at: 1_700_000_000_006 },
    },
  });
  expect(room.log[1]).toMatchObject({ message: { text: "yes", reply: { n: 1, name: "Ada", text: "" } } });
  expect(JSON.stringify(room.log)).not.toMatch(/one|two|three/);
});

test("T5 of many replies to one message, those that quote its text are found when it is deleted", () => {
  const room = new Talk();
  room.do(ADA, { type: "send", text: "secret" });
  for (let n = 0; n < 150; n += 1) room.do(BOB, { type: "send", text: "re", reply: 1 });
  expect(JSON.stringify(room.log).match(/"text":"secret"/g)).toHaveLength(101);
  room.do(ADA, { type: "delete", n: 1 });
  expect(JSON.stringify(room.log)).not.toContain("secret");
  expect(JSON.stringify(room.state)).not.toContain("secret");
});
