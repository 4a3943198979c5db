import { expect, test } from "vitest";
import { type Draft, type DraftEvent, startDraft, stepDraft } from "./draft.ts";

function after(start: string, ...events: readonly DraftEvent[]): Draft {
  return events.reduce(stepDraft, startDraft(start));
}

test("a field that nobody is in shows the document's value", () => {
  expect(after("a", { type: "value", text: "b" }).text).toBe("b");
});

test("so does one that was entered but not typed in", () => {
  expect(after("a", { type: "focus" }, { type: "value", text: "b" })).toMatchObject({ text: "b", focused: true });
});

test("typing is never replaced by somebody else's change, which is offered instead", () => {
  const draft = after("a", { type: "focus" }, { type: "type", text: "ab" }, { type: "value", text: "z" });
  expect(draft).toMatchObject({ text: "ab", base: "z", contested: true, unsent: true });
  expect(stepDraft(draft, { type: "yield" })).toMatchObject({ text: "z", contested: false, unsent: false });
});

test("a change that comes after ours was sent stands, unless we type again", () => {
  const events: DraftEvent[] = [{ type: "focus" }, { type: "type", text: "ab" }, { type: "sent" }];
  const draft = after("a", ...events, { type: "value", text: "ab" }, { type: "value", text: "z" });
  expect(draft).toMatchObject({ text: "ab", unsent: false, contested: true });
  expect(stepDraft(draft, { type: "blur" }).text).toBe("z");
  expect(stepDraft(draft, { type: "type", text: "abc" }).unsent).toBe(true);
});

test("our own text coming back is no news", () => {
  const draft = after("a", { type: "focus" }, { type: "type", text: "ab" }, { type: "sent" });
  expect(stepDraft(draft, { type: "value", text: "ab" })).toBe(draft);
});

test("Escape goes back to what it was when entered, and that is sent when something else had been", () => {
  const draft = after("a", { type: "focus" }, { type: "type", text: "ab" }, { type: "sent" }, { type: "revert" });
  expect(draft).toMatchObject({ text: "a", unsent: true });
  expect(after("a", { type: "focus" }, { type: "type", text: "ab" }, { type: "revert" }).unsent).toBe(false);
});

test("leaving with a text that could not be sent shows the document's again", () => {
  expect(after("1", { type: "focus" }, { type: "type", text: "1x" }, { type: "blur" }).text).toBe("1");
});
