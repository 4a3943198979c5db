import { beforeEach, expect, test } from "vitest";
import type { HistoryPage } from "../../src/room/api.ts";
import type { Json } from "../../src/protocol/json.ts";
import { Company } from "../harness/company.ts";
import type { Person } from "../harness/person.ts";

// Two people at the page that "npm start" serves, each in a browser of their own.

const company = Company.gather();
let ana: Person;
let ben: Person;
let id = "";
let count = 0;

beforeEach(async () => {
  count += 1;
  id = `two-people-${count}`;
  [ana, ben] = await Promise.all([company.somebody({ name: "Ana Lind" }), company.somebody({ name: "Ben Oda" })]);
});

async function put(value: Json): Promise<void> {
  const response = await fetch(`${company.server.url}/doc/${id}`, {
    method: "PUT",
    body: JSON.stringify(value),
    headers: { "content-type": "application/json" },
  });
  expect(response.ok).toBe(true);
}

async function stored(): Promise<Json> {
  return (await (await fetch(`${company.server.url}/doc/${id}/get`)).json()) as Json;
}

async function history(): Promise<HistoryPage> {
  return (await (await fetch(`${company.server.url}/doc/${id}/history?from=1&limit=1000`)).json()) as HistoryPage;
}

async function both(view: "form" | "json" = "form"): Promise<void> {
  await Promise.all([ana.open(company.server.url, id, view), ben.open(company.server.url, id)]);
}

/** Types at the end of a field, key by key. */
async function type(person: Person, label: string, text: string): Promise<void> {
  await person.field(label).focus();
  await person.page.keyboard.press("End");
  await person.page.keyboard.type(text, { delay: 15 });
}

test("O2 two people type at once, in different fields, and both see both", async () => {
  await put({ title: "Plan: ", notes: "Notes: ", team: [{ name: "A", role: "x" }] });
  await both();
  await Promise.all([type(ana, "title", "a weekend in Bergen"), type(ben, "notes", "bring rain jackets")]);
  await Promise.all([type(ana, "team › #1 › name", "na"), type(ben, "team › #1 › role", "yz")]);
  const wanted = {
    title: "Plan: a weekend in Bergen",
    notes: "Notes: bring rain jackets",
    "team › #1 › name": "Ana",
    "team › #1 › role": "xyz",
  };
  for (const person of [ana, ben]) {
    for (const [label, text] of Object.entries(wanted)) await person.sees(label, text);
    expect(await person.shown()).toEqual(wanted);
  }
  expect(await stored()).toEqual({
    title: wanted.title,
    notes: wanted.notes,
    team: [{ name: "Ana", role: "xyz" }],
  });
});

test("O2 one writes JSON, the other fills in the form, and the text keeps its caret", async () => {
  await put({ first: "1", list: ["a", "b"], last: "z" });
  await both("json");
  await ana.page.locator(".cm-line", { hasText: '"z"' }).click();
  await ana.page.keyboard.press("End");
  await ana.page.keyboard.press("ArrowLeft");
  await Promise.all([ana.page.keyboard.type("yx", { delay: 60 }), type(ben, "first", " and a longer text")]);
  await ben.page.getByRole("button", { name: "Add item to list" }).click();
  await ben.sees("list › #3", "");
  await ben.page.keyboard.type("c");
  await ben.sees("last", "zyx");
  // The caret is still within the last string, though lines were added before it.
  await expect.poll(() => ana.json()).toEqual({ first: "1 and a longer text", list: ["a", "b", "c"], last: "zyx" });
  await ana.page.keyboard.type("w");
  await ben.sees("last", "zyxw");
  expect(await stored()).toEqual({ first: "1 and a longer text", list: ["a", "b", "c"], last: "zyxw" });
});

test("an edit in a list follows its element when others come before it", async () => {
  await put({ people: [{ name: "Cy" }, { name: "Di" }] });
  await both();
  await ana.field("people › #2 › name").focus();
  await ana.page.keyboard.press("End");
  await ana.page.keyboard.type("a");
  await ben.sees("people › #2 › name", "Dia");
  await ben.page.getByRole("button", { name: "Remove people › #1", exact: true }).click();
  await ana.sees("people › #1 › name", "Dia");
  await ana.page.keyboard.type("na");
  await ben.sees("people › #1 › name", "Diana");
  expect(await stored()).toEqual({ people: [{ name: "Diana" }] });
});

test("what somebody is typing is not replaced, and the other's text is offered", async () => {
  await put({ title: "one" });
  await both();
  await type(ana, "title", " two");
  await ben.sees("title", "one two");
  await ben.field("title").fill("three");
  await ana.page.getByText("Somebody else wrote").waitFor();
  expect(await ana.shown()).toEqual({ title: "one two" });
  await ana.page.getByRole("button", { name: "Take theirs" }).click();
  await ana.sees("title", "three");
  expect(await stored()).toEqual({ title: "three" });
});

const WHOLE = "begins at the start middle ends at the end";

test("D8 two people type in one text of the form at once, and nobody loses a character", async () => {
  await put({ text: "middle" });
  await both();
  for (const [person, key] of [[ana, "Home"] as const, [ben, "End"] as const]) {
    await person.field("text").focus();
    await person.page.keyboard.press(key);
  }
  await Promise.all([
    ana.page.keyboard.type("begins at the start ", { delay: 43 }),
    ben.page.keyboard.type(" ends at the end", { delay: 57 }),
  ]);
  await expect.poll(stored).toEqual({ text: WHOLE });
  await Promise.all([ana.sees("text", WHOLE), ben.sees("text", WHOLE)]);
});

test("D8 nor in the JSON view", async () => {
  await put({ text: "middle" });
  await Promise.all([ana, ben].map((person) => person.open(company.server.url, id, "json")));
  // To the start and to the end of the words within the quotes.
  for (const [person, end, arrow, steps] of [
    [ana, "Home", "ArrowRight", '"text": "'.length],
    [ben, "End", "ArrowLeft", 1],
  ] as const) {
    await person.page.locator(".cm-line", { hasText: "middle" }).click();
    await person.page.keyboard.press(end);
    for (let n = 0; n < steps; n += 1) await person.page.keyboard.press(arrow);
  }
  await Promise.all([
    ana.page.keyboard.type("begins at the start ", { delay: 43 }),
    ben.page.keyboard.type(" ends at the end", { delay: 57 }),
  ]);
  await expect.poll(stored).toEqual({ text: WHOLE });
  await expect.poll(() => ana.json()).toEqual({ text: WHOLE });
  await expect.poll(() => ben.json()).toEqual({ text: WHOLE });
});

test("D8 who types the same words in the JSON view is told, keeps their own, and chooses", async () => {
  await put({ text: "one" });
  await both("json");
  await ana.goOffline();
  await ana.page.getByText('"one"').click();
  await ana.page.keyboard.press("End");
  for (let n = 0; n < 4; n += 1) await ana.page.keyboard.press("Shift+ArrowLeft");
  await ana.page.keyboard.type('two"');
  await ben.field("text").fill("three");
  await expect.poll(stored).toEqual({ text: "three" });
  await ana.comeBack();
  await ana.page.getByText("Somebody else changed text too").waitFor();
  expect(await ana.json()).toEqual({ text: "two" });
  expect(await stored()).toEqual({ text: "three" });
  await ana.page.getByRole("button", { name: "Keep mine" }).click();
  await expect.poll(stored).toEqual({ text: "two" });
  // Ben is in the field still, so he is told too.
  await ben.page.getByText("Somebody else wrote").waitFor();
});

test("D9 a list that somebody renames keeps its place and what another is typing in it", async () => {
  await put({ packing: ["tent", "camera"], last: "x" });
  await both();
  await type(ana, "packing › #2", " and");
  await ben.sees("packing › #2", "camera and");
  const typing = ana.page.keyboard.type(" a wide lens", { delay: 60 });
  await ben.page.getByRole("button", { name: "Rename packing" }).click();
  await ben.page.getByRole("textbox", { name: "New name of packing" }).fill("things");
  await ben.page.keyboard.press("Enter");
  await typing;
  await expect.poll(stored).toEqual({ last: "x", things: ["tent", "camera and a wide lens"] });
  for (const person of [ana, ben]) {
    await person.sees("things › #2", "camera and a wide lens");
    expect(await person.page.locator(".form .key").allTextContents()).toEqual(["things", "#1", "#2", "last"]);
  }
});

test("D8 leaving a contested field keeps what was typed there, and a deletion is told", async () => {
  await put({ title: "one", last: "" });
  await both();
  await ana.goOffline();
  await ana.field("title").fill("two");
  await ben.field("title").fill("three");
  await expect.poll(stored).toMatchObject({ title: "three" });
  await ana.page.keyboard.press("Tab");
  await ana.comeBack();
  await ana.page.getByText("Somebody else wrote").waitFor();
  expect(await ana.shown()).toMatchObject({ title: "two" });
  await ana.page.getByRole("button", { name: "Keep mine" }).click();
  await expect.poll(stored).toMatchObject({ title: "two" });

  await fetch(`${company.server.url}/doc/${id}`, { method: "DELETE" });
  for (const person of [ana, ben]) {
    await person.page.getByRole("heading", { name: "This document was deleted" }).waitFor();
  }
  expect(await stored()).toEqual({});
});

test("R1 X1 one goes offline, both edit, it returns: both agree, and nothing is there twice", async () => {
  await put({ title: "start", left: "", right: "", list: ["first"] });
  await both();
  await ana.goOffline();
  await ana.field("left").fill("written offline");
  await ana.page.getByRole("button", { name: "Add item to list" }).click();
  await ana.sees("list › #2", "");
  await ana.page.keyboard.type("from ana");
  await ana.page.getByText(/changes? (is|are) kept in this window/).waitFor();
  await ben.field("right").fill("written online");
  await ben.page.getByRole("button", { name: "Add item to list" }).click();
  await ben.sees("list › #2", "");
  await ben.page.keyboard.type("from ben");
  await expect.poll(stored).toMatchObject({ right: "written online", list: ["first", "from ben"] });
  expect(await stored()).toMatchObject({ left: "" });

  await ana.comeBack();
  await expect.poll(stored).toMatchObject({ left: "written offline", right: "written online" });
  await expect
    .poll(async () => ((await stored()) as { readonly list: readonly string[] }).list.toSorted())
    .toEqual(["first", "from ana", "from ben"]);
  for (const person of [ana, ben]) {
    await person.sees("left", "written offline");
    await person.sees("right", "written online");
  }
  await expect.poll(() => ana.shown()).toEqual(await ben.shown());

  // A connection that breaks again changes nothing.
  const { runs } = await history();
  await ana.dropConnections();
  await ana.status("Live");
  expect((await history()).runs).toEqual(runs);
});

test("C5 R1 the server is killed and started again while both pages are open: nothing is lost", async () => {
  await put({ title: "before", notes: "" });
  await both();
  await type(ana, "title", ", and acknowledged");
  await expect.poll(stored).toMatchObject({ title: "before, and acknowledged" });
  await company.server.kill9();
  await Promise.all([ana.status("Reconnecting"), ben.status("Reconnecting")]);
  await ben.field("notes").fill("while it was away");
  await type(ana, "title", ", and this too");
  await company.server.restart();
  for (const person of [ana, ben]) {
    const retry = person.page.getByRole("button", { name: "Try now" });
    if (await retry.isVisible()) await retry.click().catch(() => undefined);
    await person.status("Live");
    await person.sees("title", "before, and acknowledged, and this too");
    await person.sees("notes", "while it was away");
  }
  await expect.poll(stored).toEqual({ title: "before, and acknowledged, and this too", notes: "while it was away" });
});

test("V2 R5 a restored version is seen by both, and what it replaced is kept", async () => {
  await put({ title: "first" });
  await both();
  await ana.page.getByRole("button", { name: "History" }).click();
  await ana.page.getByPlaceholder("name, such as first draft").fill("draft");
  await ana.page.keyboard.press("Enter");
  await ana.page.getByRole("button", { name: "Restore draft" }).waitFor();
  await ben.field("title").fill("second");
  await ben.field("title").blur();
  await ana.sees("title", "second");
  await ana.page.getByRole("button", { name: "Restore draft" }).click();
  await ana.page.getByRole("list", { name: "What a restore would change" }).getByText('"first"').waitFor();
  await ana.page.getByRole("button", { name: "Restore", exact: true }).click();
  await Promise.all([ana.sees("title", "first"), ben.sees("title", "first")]);
  await ana.page.getByRole("button", { name: "Restore before-restore" }).waitFor();
  expect(await stored()).toEqual({ title: "first" });
});

test("P1 each sees where the other is, by name, and is told when they go", async () => {
  await put({ title: "x", notes: "y" });
  await both();
  await ben.field("notes").focus();
  await ana.page.locator("[data-path='/notes']").getByText("Ben Oda").waitFor();
  await ana.page.getByRole("button", { name: /Go to Ben Oda, at notes/ }).waitFor();
  await ben.page.getByRole("button", { name: "JSON" }).click();
  await ben.page.locator(".cm-line", { hasText: "title" }).click();
  await ana.page.locator("[data-path='/title']").getByText("Ben Oda").waitFor();
  await ben.page.goto(company.server.url);
  await ana.page.getByText("Nobody else is here.").waitFor({ state: "attached" });
});
