import { expect, test } from "vitest";
import { type Draft, type DraftEvent, startDraft, stepDraft } from "./draft.ts";

function after(start: string, ...events: readonly DraftEvent[]): Draft {
  return events.reduce(stepDraft, startDraft(start));
}

const focus = { type: "focus" } as const;
const type = (text: string): DraftEvent => ({ type: "type", text });
const sent = (text: string): DraftEvent => ({ type: "sent", text });
const value = (text: string): DraftEvent => ({ type: "value", text });

test("a field that nobody is in shows the document's value", () => {
  expect(after("a", value("b"))).toMatchObject({ text: "b", arrivals: 1 });
});

test("so does one that was entered but not typed in", () => {
  expect(after("a", focus, value("b"))).toMatchObject({ text: "b", focused: true });
});

test("typing is never replaced by somebody else's change, which is offered instead", () => {
  const draft = after("a", focus, type("ab"), value("z"));
  expect(draft).toMatchObject({ text: "ab", base: "z", contested: true, unsent: true });
  expect(stepDraft(draft, { type: "yield" })).toMatchObject({ text: "z", contested: false, unsent: false });
});

test("a change that comes after ours was sent stands, unless we type again", () => {
  const draft = after("a", focus, type("ab"), sent("ab"), value("ab"), value("z"));
  expect(draft).toMatchObject({ text: "ab", unsent: false, contested: true });
  expect(stepDraft(draft, { type: "blur" }).text).toBe("z");
  expect(stepDraft(draft, type("abc")).unsent).toBe(true);
});

test("once the hands rest, a change from elsewhere is taken", () => {
  expect(after("a", focus, type("ab"), sent("ab"), { type: "rest" }, value("z")).text).toBe("z");
  expect(after("a", focus, type("ab"), { type: "rest" }, value("z")).text).toBe("ab");
});

test("our own text coming back is no news, even when more was typed meanwhile", () => {
  const draft = after("a", focus, type("ab"), sent("ab"), type("abc"), value("ab"));
  expect(draft).toMatchObject({ text: "abc", unsent: true, contested: false, arrivals: 0 });
});

test("what was sent may be seen before it is known to be sent", () => {
  expect(after("a", focus, type("ab"), type("abc"), value("ab"), sent("ab"))).toMatchObject({
    text: "abc",
    unsent: true,
    contested: false,
  });
});

test("Escape goes back to what it was when entered, and that is sent when something else had been", () => {
  expect(after("a", focus, type("ab"), sent("ab"), { type: "revert" })).toMatchObject({ text: "a", unsent: true });
  expect(after("a", focus, type("ab"), { type: "revert" }).unsent).toBe(false);
});

test("leaving with a text that could not be sent shows the document's again", () => {
  expect(after("1", focus, type("1x"), { type: "blur" }).text).toBe("1");
});

test("what the room refused gives way to what it has", () => {
  expect(after("a", focus, type("ab"), sent("ab"), value("ab"), value("a"), { type: "yield" })).toMatchObject({
    text: "a",
    contested: false,
  });
});

test("M19 what was sent in other words, such as without blanks at its end, is sent: it gives way to what comes later", () => {
  const draft = after("", focus, type("Camp "), { type: "sent", text: "Camp", typed: "Camp " }, value("Camp"));
  expect(draft).toMatchObject({ text: "Camp ", base: "Camp", unsent: false, contested: false });
  const events: readonly DraftEvent[] = [{ type: "rest" }, value("Base")];
  expect(events.reduce(stepDraft, draft)).toMatchObject({ text: "Base", base: "Base" });
});

test("M19 leaving a field in which nothing new was typed keeps what somebody else wrote meanwhile", () => {
  const draft = after("", focus, type("Camp"), sent("Camp"), value("Camp"), value("Base"));
  expect(draft).toMatchObject({ base: "Base", unsent: false });
  expect(stepDraft(draft, { type: "blur" })).toMatchObject({ text: "Base", unsent: false });
});
