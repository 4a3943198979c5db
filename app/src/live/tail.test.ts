import { expect, test } from "vitest";
import { compileFilter } from "../../../src/kinds/stream/filter.ts";
import { Refusal } from "../../../src/protocol/refusal.ts";
import type { JsonObject } from "../lib/json.ts";
import { SHOWN, Tail } from "./tail.ts";

function add(tail: Tail, ...types: readonly string[]): void {
  for (const type of types) {
    const value = { type, path: "/" };
    tail.event({ position: "e.1", at: 0, data: JSON.stringify(value), value });
  }
}

function shown(tail: Tail): string {
  return tail
    .view()
    .items.map((item) => (item.kind === "note" ? `(${item.text})` : item.type))
    .join(" ");
}

function only(type: string) {
  const passes = compileFilter(`type:${type}`);
  if (passes instanceof Refusal) throw new Error(passes.message);
  return passes;
}

test("the newest come first, and no more than one can look at", () => {
  const tail = new Tail();
  add(tail, "a", "b");
  expect(shown(tail)).toBe("b a");
  for (let i = 0; i < 3_000; i += 1) add(tail, `t${i}`);
  expect(tail.view().items).toHaveLength(SHOWN.running);
  expect(tail.view().items[0]).toMatchObject({ type: "t2999" });
  tail.pause(true);
  expect(tail.view().items).toHaveLength(SHOWN.still);
});

test("standing still it shows what it showed, and counts what comes", () => {
  const tail = new Tail();
  add(tail, "a", "b");
  tail.pause(true);
  add(tail, "c", "d");
  tail.note("caught up");
  expect(shown(tail)).toBe("b a");
  expect(tail.view().waiting).toBe(2);
  tail.pause(false);
  expect(shown(tail)).toBe("(caught up) d c b a");
  expect(tail.view().waiting).toBe(0);
});

test("a filter looks back over what is kept, and counts only what passes", () => {
  const tail = new Tail();
  add(tail, "click", "view", "click");
  tail.note("here");
  tail.filter(only("click"));
  expect(shown(tail)).toBe("(here) click click");
  tail.pause(true);
  add(tail, "view", "click", "view");
  expect(tail.view().waiting).toBe(1);
  tail.filter(only("view"));
  expect(shown(tail)).toBe("(here) view");
  expect(tail.view().waiting).toBe(2);
  tail.filter(undefined);
  tail.pause(false);
  expect(shown(tail)).toBe("view click view (here) click view click");
});

test("what is not an analytics event is shown too", () => {
  const tail = new Tail();
  tail.event({ position: "e.1", at: 0, data: "[1]", value: [1] });
  expect(tail.view().items[0]).toMatchObject({ type: "", path: "" });
});

test("K6 an event has the type and the page under which history counts it", () => {
  const tail = new Tail();
  const add = (value: JsonObject) => tail.event({ position: "e.1", at: 0, data: JSON.stringify(value), value });
  expect(add({ type: "pageview", page: "/docs" })).toMatchObject({ type: "pageview", path: "/docs" });
  expect(add({ type: "pageview", url: "https://x.example/a?b=c" })).toMatchObject({ path: "/a" });
  expect(add({ type: 7 })).toMatchObject({ type: "", path: "" });
});
