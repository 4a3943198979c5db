import { expect, test } from "vitest";
import { type Draft, type DraftEvent, startDraft, stepDraft } from "./draft.ts";

function after(text: string, ...events: readonly DraftEvent[]): Draft {
  return events.reduce(stepDraft, startDraft({ text, mergeable: true }));
}

const focus = { type: "focus" } as const;
const type = (text: string): DraftEvent => ({ type: "type", text });
const sent = (text: string): DraftEvent => ({ type: "sent", text });
const settled = (text: string, theirs?: string): DraftEvent => ({
  type: "settled",
  text,
  ...(theirs === undefined ? {} : { theirs }),
});
const value = (text: string): DraftEvent => ({ type: "value", text });

test("a field that nobody is in shows the document's value", () => {
  expect(after("a", value("b"))).toMatchObject({ text: "b", arrivals: 1 });
});

test("so does one that was entered but not typed in", () => {
  expect(after("a", focus, value("b"))).toMatchObject({ text: "b", focused: true });
});

test("typing is never replaced by somebody else's change, which is offered instead", () => {
  const draft = after("a", focus, type("b"), value("z"));
  expect(draft).toMatchObject({ text: "b", seen: "z", contested: true, unsent: true });
  expect(stepDraft(draft, { type: "yield" })).toMatchObject({ text: "z", contested: false, unsent: false });
  expect(stepDraft(draft, { type: "insist" })).toMatchObject({ text: "b", base: "z", contested: false, unsent: true });
  expect(stepDraft(draft, type("z"))).toMatchObject({ text: "z", contested: false, unsent: false });
  expect(stepDraft(draft, value("a"))).toMatchObject({ text: "b", contested: false, unsent: true });
});

test("what others write elsewhere in the text is put in, and Escape takes back only one's own", () => {
  const draft = after("middle", focus, type("begins, middle"), value("middle, ends"));
  expect(draft).toMatchObject({ text: "begins, middle, ends", unsent: true, contested: false, arrivals: 1 });
  expect(stepDraft(draft, { type: "revert" })).toMatchObject({ text: "middle, ends", unsent: false });
});

test("numbers are not merged", () => {
  const start = startDraft({ text: "100", mergeable: false });
  expect([focus, type("1005"), value("7100")].reduce<Draft>(stepDraft, start)).toMatchObject({ contested: true });
});

test("what is under way is not compared until it is settled", () => {
  const sending = after("a", focus, type("b"), sent("b"), value("b"), type("bc"), value("z"));
  expect(sending).toMatchObject({ text: "bc", contested: false });
  expect(stepDraft(sending, settled("b", "z"))).toMatchObject({ text: "bc", base: "a", seen: "z", contested: true });
  expect(stepDraft(sending, settled("b", "za"))).toMatchObject({ text: "zbc", base: "za", contested: false });
});

test("a second text that follows a first one is settled by itself", () => {
  const both = after("a", focus, type("ab"), sent("ab"), type("abc"), sent("abc"), settled("ab"));
  expect(both).toMatchObject({ text: "abc", base: "ab", sent: "abc" });
  expect(stepDraft(both, settled("abc"))).toMatchObject({ base: "abc", sent: undefined, unsent: false });
});

test("a change that undoes what was just typed is offered, not taken, until the hands rest", () => {
  const draft = after("a", focus, type("ab"), sent("ab"), value("ab"), settled("ab"), value("z"));
  expect(draft).toMatchObject({ text: "ab", unsent: false, contested: true });
  expect(stepDraft(draft, { type: "blur" }).text).toBe("z");
  expect(stepDraft(draft, type("abc")).unsent).toBe(true);
});

test("once the hands rest, a change from elsewhere is taken", () => {
  const typed = after("a", focus, type("ab"), sent("ab"), value("ab"), settled("ab"), { type: "rest" });
  expect(stepDraft(typed, value("z")).text).toBe("z");
  expect(after("a", focus, type("b"), { type: "rest" }, value("z")).text).toBe("b");
});

test("our own text coming back is no news, even when more was typed meanwhile", () => {
  const draft = after("a", focus, type("ab"), sent("ab"), type("abc"), value("ab"), settled("ab"));
  expect(draft).toMatchObject({ text: "abc", base: "ab", unsent: true, contested: false, arrivals: 0 });
});

test("Escape goes back to what it was when entered, and that is sent when something else had been", () => {
  expect(after("a", focus, type("ab"), sent("ab"), { type: "revert" })).toMatchObject({ text: "a", unsent: true });
  expect(after("a", focus, type("ab"), { type: "revert" }).unsent).toBe(false);
});

test("leaving a contested field keeps what was typed in it, for the person to choose", () => {
  const left = after("a", focus, type("b"), value("z"), { type: "blur" });
  expect(left).toMatchObject({ text: "b", seen: "z", contested: true, focused: false });
  expect(stepDraft(left, focus)).toMatchObject({ text: "b", contested: true });
  expect(after("a", focus, type("b"), sent("b"), { type: "blur" }, settled("b", "z"))).toMatchObject({
    text: "b",
    contested: true,
  });
});

test("leaving with a text that could not be sent shows the document's again", () => {
  expect(after("1", focus, type("1x"), { type: "blur" }).text).toBe("1");
});

test("what the room refused gives way to what it has", () => {
  expect(after("a", focus, type("ab"), sent("ab"), value("ab"), value("a"), { type: "yield" })).toMatchObject({
    text: "a",
    sent: undefined,
    contested: false,
  });
});

test("M19 what was sent in other words, such as without blanks at its end, is sent: it gives way to what comes later", () => {
  const sending: DraftEvent = { type: "sent", text: "Camp", typed: "Camp " };
  const draft = after("", focus, type("Camp "), sending, value("Camp"), settled("Camp"));
  expect(draft).toMatchObject({ text: "Camp ", base: "Camp", unsent: false, contested: false });
  const events: readonly DraftEvent[] = [{ type: "rest" }, value("Base")];
  expect(events.reduce(stepDraft, draft)).toMatchObject({ text: "Base", base: "Base" });
});

test("M19 leaving a field in which nothing new was typed keeps what somebody else wrote meanwhile", () => {
  const draft = after("", focus, type("Camp"), sent("Camp"), value("Camp"), settled("Camp"), value("Base"));
  expect(draft).toMatchObject({ seen: "Base", unsent: false, contested: true });
  expect(stepDraft(draft, { type: "blur" })).toMatchObject({ text: "Base", unsent: false });
});
