import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

test("S1 what waits is under the name that its author has now, and the same object until that changes", () => {
  const outbox = new Outbox();
  outbox.add("k1", "one", undefined, 1);
  outbox.add("k2", "two", undefined, 2);
  const before = outbox.over([], { person: "g:before", name: "Ada" });
  expect(before.map(({ from }) => from)).toEqual(["g:before", "g:before"]);
  expect(outbox.over([], { person: "g:before", name: "Ada" })[0]).toBe(before[0]);
  const after = outbox.over([], { person: "g:after", name: "Ada" });
  expect(after.map(({ from, key }) => [from, key])).toEqual([
    ["g:after", "k1"],
    ["g:after", "k2"],
  ]);
});

test("T5 what waits quotes nothing of a message that is deleted meanwhile", () => {
  const outbox = new Outbox();
  const author = { person: "g:a", name: "Ada" };
  const original = { n: 7, from: "g:b", name: "Ben", text: "secret", at: 1 };
  outbox.add("k", "an answer", 7, 2);
  expect(outbox.over([original], author).at(-1)?.reply).toEqual({ n: 7, name: "Ben", text: "secret" });
  const gone = { ...original, text: "", deleted: { by: "g:b", at: 3 } };
  expect(outbox.over([gone], author).at(-1)?.reply).toEqual({ n: 7, name: "Ben", text: "" });
});
