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
