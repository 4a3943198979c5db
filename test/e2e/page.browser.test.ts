import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import type { Json } from "../../src/protocol/json.ts";
import { expectAccessible } from "../harness/axe.ts";
import { Company } from "../harness/company.ts";

// The page itself: the keyboard, what assistive technology is told, faults in the text, and long documents.

const company = Company.gather();

async function put(id: string, value: Json): Promise<void> {
  await fetch(`${company.server.url}/doc/${id}`, {
    method: "PUT",
    body: JSON.stringify(value),
    headers: { "content-type": "application/json" },
  });
}

async function stored(id: string): Promise<Json> {
  return (await (await fetch(`${company.server.url}/doc/${id}/get`)).json()) as Json;
}

/** Presses Tab until the focus is on what a selector means. */
async function tabTo(page: Page, selector: string, most = 40): Promise<void> {
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
  }
  throw new Error(`Tab does not reach ${selector}.`);
}

test("with the keyboard alone: a new document, its fields, a version, and out of the text editor again", async () => {
  const { page } = await company.somebody();
  await page.goto(company.server.url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await tabTo(page, "[data-kind=document] .button");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "A blank document" }).waitFor();
  const id = new URL(page.url()).pathname.slice("/d/".length);

  await tabTo(page, ".empty .button.primary");
  await page.keyboard.press("Enter");
  await page.keyboard.type("title");
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "title", exact: true }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("By hand");
  await tabTo(page, ".add-field");
  await page.keyboard.press("Enter");
  await page.keyboard.type("steps");
  await tabTo(page, ".new-field select");
  await page.keyboard.type("array");
  await page.keyboard.press("Enter");
  await tabTo(page, ".new-field .primary", 3).catch(() => undefined);
  if ((await page.locator(".new-field").count()) > 0) await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Add item to steps" }).waitFor();
  await tabTo(page, ".row-action.add", 60);
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "steps › #1" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("one");
  await expect.poll(() => stored(id)).toEqual({ title: "By hand", steps: ["one"] });

  // Up goes through the fields and Escape takes back what was typed.
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.getByRole("textbox", { name: "title", exact: true }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("Never mind");
  await page.keyboard.press("Escape");
  await expect.poll(() => stored(id)).toEqual({ title: "By hand", steps: ["one"] });

  await page.getByRole("button", { name: "JSON" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".cm-content").waitFor();
  await tabTo(page, ".cm-content");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest(".cm-editor") === null)).toBe(true);

  await page.getByRole("button", { name: "History" }).focus();
  await page.keyboard.press("Enter");
  await tabTo(page, ".save-version input");
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Restore by keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Versions" }).waitFor({ state: "detached" });
});

test.each([
  ["light", { width: 1280, height: 800 }],
  ["dark", { width: 390, height: 844 }],
] as const)("nothing that axe finds wrong, %s", async (colorScheme, size) => {
  const id = `axe-${colorScheme}`;
  const [me, other] = await Promise.all([
    company.somebody({ colorScheme, size }),
    company.somebody({ name: "Ben Oda" }),
  ]);
  const { page } = me;
  const check = (where: string) => expectAccessible(page, where);

  await page.goto(company.server.url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await check("start");
  await me.open(company.server.url, id);
  await check("blank");
  await page.getByRole("button", { name: /Release checklist/ }).click();
  await me.sees("version", "2.4.0");
  await other.open(company.server.url, id);
  await other.field("freeze").focus();
  await page.locator("[data-path='/freeze']").getByText("Ben Oda").waitFor();
  await check("form");
  await page.getByRole("button", { name: /^You are/ }).click();
  await check("name");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "History" }).click();
  await page.getByPlaceholder("name, such as first draft").fill("one");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Restore one" }).click();
  await page.getByText("The same as the document is now.").waitFor();
  await check("versions");
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.locator(".activity li").first().waitFor();
  await check("activity");
  await page.getByRole("button", { name: "Close the history" }).click();
  await page.getByRole("button", { name: "JSON" }).click();
  await page.locator(".peer-caret").waitFor();
  await check("json");
  await page.locator(".cm-content").click();
  await page.keyboard.type("}");
  await page.getByText("Not sent until it is valid.").waitFor();
  await check("json with a fault");
  await me.goOffline();
  await check("offline");
});

test("text that is no JSON is not sent, says where, and keeps what others do for later", async () => {
  const id = "faulty";
  await put(id, { a: "1", b: "2" });
  const [me, other] = await Promise.all([company.somebody(), company.somebody()]);
  await Promise.all([me.open(company.server.url, id, "json"), other.open(company.server.url, id)]);
  const { page } = me;
  await page.locator(".cm-line", { hasText: '"a"' }).click();
  await page.keyboard.press("End");
  await page.keyboard.type("oops");
  await page.getByText("Not sent until it is valid.").waitFor();
  await page.getByText(/Line 2/).waitFor();
  await other.field("b").fill("3");
  await page.getByText("1 change by others will be put in then.").waitFor();
  expect(await stored(id)).toEqual({ a: "1", b: "3" });

  // Another view and back: the text is as it was.
  await page.getByRole("button", { name: "Form" }).click();
  await me.sees("b", "3");
  await page.getByRole("button", { name: "JSON" }).click();
  await page.getByText("Not sent until it is valid.").waitFor();
  await page.locator(".cm-line", { hasText: "oops" }).click();
  await page.keyboard.press("End");
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("Backspace");
  await expect.poll(() => me.json()).toEqual({ a: "1", b: "3" });
  expect(await stored(id)).toEqual({ a: "1", b: "3" });
});

test("D4 what the room refuses is taken back, and its author told why", async () => {
  const me = await company.somebody();
  await put("refused", { text: "short" });
  await me.open(company.server.url, "refused");
  await me.field("text").fill("x".repeat(200_000));
  await me.page.getByText("That is too much for this document; it was taken back.").waitFor();
  await me.sees("text", "short");
  expect(await stored("refused")).toEqual({ text: "short" });
});

test("a thousand fields: typing in one draws no other", async () => {
  const fields = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`field${i}`, `value ${i}`]));
  await put("thousand", fields);
  const me = await company.somebody();
  await me.open(company.server.url, "thousand");
  await me.sees("field0", "value 0");
  for (let left = 800; left > 0; left -= 200) {
    await me.page.getByRole("button", { name: `Show 200 more of ${left}` }).click();
  }
  await me.sees("field999", "value 999");
  await me.page.evaluate(() => {
    const seen: string[] = [];
    new MutationObserver((records) => {
      for (const { target } of records) {
        const row =
          target instanceof Element ? target.closest("[data-path]") : target.parentElement?.closest("[data-path]");
        if (row instanceof HTMLElement) seen.push(row.dataset["path"] ?? "");
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    Object.assign(globalThis, { seen });
  });
  await me.field("field500").fill("changed");
  await expect.poll(() => stored("thousand")).toMatchObject({ field500: "changed" });
  const touched = await me.page.evaluate(() => [...new Set((globalThis as unknown as { seen: string[] }).seen)]);
  expect(touched.filter((path) => path !== "/field500")).toEqual([]);
});
