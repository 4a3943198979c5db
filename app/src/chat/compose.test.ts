import { expect, test } from "vitest";
import { Compose, type Draft } from "./compose.ts";

const message = { n: 7, from: "g:a", name: "Ada", text: "hello", at: 1 };
const edit: Draft = { type: "edit", message };

test("what was refused is put back, unless something else is being written by then", () => {
  const compose = new Compose();
  compose.begin(edit);
  compose.write("hello there");
  const sent = compose.state();
  compose.clear();
  compose.restore(sent);
  expect(compose.state()).toEqual({ text: "hello there", draft: edit });

  compose.clear();
  compose.write("something else");
  compose.restore(sent);
  expect(compose.state()).toEqual({ text: "something else", draft: undefined });

  compose.clear();
  compose.begin({ type: "reply", message });
  compose.restore(sent);
  expect(compose.state()).toEqual({ text: "", draft: { type: "reply", message } });
});
