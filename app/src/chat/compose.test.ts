import { expect, test } from "vitest";
import { Compose } from "./compose.ts";

const message = { n: 7, from: "g:a", name: "Ada", text: "hello", at: 1 };
const about = { n: 7, from: "g:a", name: "Ada", at: 1 };
const gone = { ...message, text: "", deleted: { by: "g:a", at: 2 } };
const later = { ...message, n: 8, at: 3 };

test("what was refused is put back, unless something else is being written by then", () => {
  const compose = new Compose();
  compose.begin("edit", message);
  compose.write("hello there");
  const sent = compose.state();
  compose.clear();
  compose.restore(sent);
  expect(compose.state()).toEqual({ text: "hello there", draft: { type: "edit", ...about } });

  compose.clear();
  compose.write("something else");
  compose.restore(sent);
  expect(compose.state()).toEqual({ text: "something else", draft: undefined });

  compose.clear();
  compose.begin("reply", message);
  compose.restore(sent);
  expect(compose.state()).toEqual({ text: "", draft: { type: "reply", ...about } });
});

test("T5 what is being written holds nothing of the message that it answers, and goes on without it when that is deleted", () => {
  const compose = new Compose();
  compose.begin("reply", message);
  expect(JSON.stringify(compose.state())).not.toContain("hello");
  compose.write("indeed");
  expect(compose.follow([message, later], "g:b")).toBeUndefined();
  // Not held: let go of, or not fetched.
  expect(compose.follow([later], "g:b")).toBeUndefined();
  expect(compose.follow([gone, later], "g:b")).toBe("reply");
  expect(compose.state()).toEqual({ text: "indeed", draft: undefined });
  expect(compose.follow([gone, later], "g:b")).toBeUndefined();
});

test.each([
  ["nothing", []],
  ["fewer messages", [{ ...message, n: 3 }]],
  ["another message under the number", [{ ...message, at: 99 }]],
])("a reply ends with the history that it was in: %s", (_, messages) => {
  const compose = new Compose();
  compose.begin("reply", message);
  expect(compose.follow(messages, "g:b")).toBe("reply");
});

test("T5 an edit of what was deleted ends: one's own words stay, another's go", () => {
  for (const [me, text] of [
    ["g:a", "hello there"],
    ["g:moderator", ""],
  ] as const) {
    const compose = new Compose();
    compose.begin("edit", message);
    compose.write("hello there");
    expect(compose.follow([gone], me)).toBe("edit");
    expect(compose.state()).toEqual({ text, draft: undefined });
  }
});
