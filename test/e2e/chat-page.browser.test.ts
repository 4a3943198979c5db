import type { Locator, Page } from "@playwright/test";
import { expect, test } from "vitest";
import { expectAccessible } from "../harness/axe.ts";
import { act, message, texts, write } from "../harness/chat.ts";
import { Company } from "../harness/company.ts";

// What the chat's page makes of reloads, tabs, and what goes wrong.

const MODERATOR_KEY = "a-key-of-the-moderators";

/** Behind a proxy, as the tests are where they name an address. Who comes without one is not counted. */
const company = Company.gather({
  env: { TRUST_PROXY: "1", CLOUDFLARE_INCLUDE_PROCESS_ENV: "true", MODERATOR_KEY },
});

test("T18 after a reload, and in another tab, a guest is who they were: edits, deletes, and is there once", async () => {
  const [ana, ben] = await Promise.all([company.somebody({ name: "Ana" }), company.somebody({ name: "Ben" })]);
  await Promise.all([ana.openChat(company.server.url, "same"), ben.openChat(company.server.url, "same")]);
  await write(ana.page, "frist");
  await message(ana.page, "frist").getByText("Sent").waitFor();
  await ana.openChat(company.server.url, "same");
  await act(ana.page, "frist", "Edit");
  await write(ana.page, "first");
  await message(ben.page, "first").getByText("(edited)").waitFor();
  const tab = await ana.page.context().newPage();
  await tab.goto(`${company.server.url}/chat/same`);
  await tab.getByRole("complementary").getByText("Ben").waitFor();
  expect(await tab.getByRole("complementary").getByText("Ana").count()).toBe(1);
  await act(tab, "first", "More", "Delete", "Delete the message");
  await message(ben.page, "Message deleted").waitFor();
  expect(await texts(ben.page)).toEqual(["Message deleted"]);
  expect(await ben.page.getByRole("complementary").getByText("Ana").count()).toBe(1);
});

test("S2 what was written offline in a new room is there once when the connection is back", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.openChat(company.server.url, "ghosts");
  await ana.goOffline();
  for (const text of ["one", "two", "three"]) await write(ana.page, text);
  await message(ana.page, "three").getByText("On its way").waitFor();
  await ana.comeBack();
  await message(ana.page, "three").getByText("Sent").waitFor();
  expect(await texts(ana.page)).toEqual(["one", "two", "three"]);
  expect(await ana.page.getByText("On its way").count()).toBe(0);
});

test("what turns the direction of writing turns neither an address nor what stands beside a text", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.openChat(company.server.url, "bidi");
  await write(ana.page, "Pay here: \u202Ehttps://x.example/moc.knab.www//:sptth and so on");
  const line = message(ana.page, "Pay here");
  await line.getByText("Sent").waitFor();
  /** Where the first and the last character of an element's text stand. */
  const ends = (selector: string) =>
    line.locator(selector).evaluate((element) => {
      const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text;
      const [first, last] = [0, text.length - 1].map((at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
      });
      return { first: first ?? NaN, last: last ?? NaN };
    });
  const link = await ends("a");
  expect(link.first).toBeLessThan(link.last);
  const words = await line.locator(".words").boundingBox();
  const fate = await line.locator(".fate").boundingBox();
  expect(fate?.x).toBeGreaterThanOrEqual((words?.x ?? NaN) + (words?.width ?? NaN));
});

test("S1 an edit that is refused is put back where it was written", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.page.setExtraHTTPHeaders({ "X-Forwarded-For": "203.0.113.21" });
  await ana.openChat(company.server.url, "refused-edit");
  await write(ana.page, "hello");
  await message(ana.page, "hello").getByText("Sent").waitFor();
  // The room is locked while she is away, so that the edit comes too late.
  await act(ana.page, "hello", "Edit");
  const field = ana.page.getByRole("textbox", { name: /^Message to/ });
  await field.fill("hello, and much more that nobody wants to write twice");
  const lock = (locked: boolean) =>
    fetch(`${company.server.url}/chat/refused-edit?moderator=${MODERATOR_KEY}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ intents: [{ type: "rules", locked }] }),
    });
  await ana.goOffline();
  expect((await lock(true)).status).toBe(200);
  await field.press("Enter");
  await ana.comeBack();
  await ana.page.getByText("The edit was not done.").waitFor();
  expect((await lock(false)).status).toBe(200);
  await ana.page.getByText("Editing").waitFor();
  expect(await field.inputValue()).toBe("hello, and much more that nobody wants to write twice");
  await field.press("Enter");
  await message(ana.page, "nobody wants to write twice").getByText("(edited)").waitFor();
});

test("T5 the text of what is deleted leaves the composer of who answers it; what they wrote stays, and can be sent", async () => {
  const [ana, ben] = await Promise.all([company.somebody({ name: "Ana" }), company.somebody({ name: "Ben" })]);
  await Promise.all([ana.openChat(company.server.url, "erased"), ben.openChat(company.server.url, "erased")]);
  await write(ana.page, "a secret");
  await act(ben.page, "a secret", "Reply");
  const field = ben.page.getByRole("textbox", { name: /^Message to/ });
  await field.fill("never mind");
  await act(ana.page, "a secret", "More", "Delete", "Delete the message");
  await ben.page.getByText("The message that you were answering was deleted.").waitFor();
  expect(await ben.page.getByText("a secret").count()).toBe(0);
  expect(await field.inputValue()).toBe("never mind");
  await field.press("Enter");
  await message(ana.page, "never mind").waitFor();

  // Gone while the answer was on its way.
  await write(ana.page, "another");
  await message(ben.page, "another").waitFor();
  await ben.goOffline();
  await act(ben.page, "another", "Reply");
  await write(ben.page, "too late");
  await act(ana.page, "another", "More", "Delete", "Delete the message");
  await ana.page.getByText("Message deleted").nth(1).waitFor();
  await ben.comeBack();
  await message(ben.page, "too late").getByText("The message that it answers was deleted.").waitFor();
  expect(await ben.page.getByText("another").count()).toBe(0);
  await ben.page.getByRole("button", { name: "Send without the reply" }).click();
  await message(ana.page, "too late").waitFor();
});

test("T9 a moderator mutes and bans the author of a message that was removed", async () => {
  const [mod, gus] = await Promise.all([company.somebody({ name: "Mo" }), company.somebody({ name: "Gus" })]);
  await gus.page.setExtraHTTPHeaders({ "X-Forwarded-For": "203.0.113.22" });
  await Promise.all([
    mod.page.goto(`${company.server.url}/chat/removed?moderator=${MODERATOR_KEY}`),
    gus.openChat(company.server.url, "removed"),
  ]);
  await write(gus.page, "rude");
  await act(mod.page, "rude", "More", "Remove message", "Delete the message");
  const removed = "Message removed by a moderator";
  await message(mod.page, removed).waitFor();
  await act(mod.page, removed, "More", "Mute Gus for 10 minutes");
  await gus.page.getByPlaceholder("You are muted until").waitFor();
  await message(gus.page, removed).hover();
  expect(await gus.page.getByRole("button", { name: "More" }).count()).toBe(0);
  await message(mod.page, removed).hover();
  await mod.page.getByRole("button", { name: "More", exact: true }).click();
  expect(await mod.page.getByRole("button", { name: /^(React|Reply|Copy text|Remove message)$/ }).count()).toBe(0);
  await mod.page.getByRole("button", { name: "Ban Gus" }).click();
  await mod.page.getByRole("button", { name: "Ban Gus" }).click();
  await gus.page.getByText("You are banned from this room.").waitFor();
});

test("S5 more than the rate allows, written offline, is kept on the page and sent bit by bit", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.page.setExtraHTTPHeaders({ "X-Forwarded-For": "203.0.113.23" });
  await ana.openChat(company.server.url, "tunnel");
  await ana.goOffline();
  const said = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "and the eleventh"];
  for (const text of said) await write(ana.page, text);
  await ana.comeBack();
  await message(ana.page, "and the eleventh").getByText("Sent").waitFor();
  expect(await texts(ana.page)).toEqual(said);
  expect(await ana.page.getByText("Not sent.").count()).toBe(0);
});

test("T20 any emoji can be chosen, for a message and for a reaction, which others see once", async () => {
  const [ana, ben] = await Promise.all([company.somebody({ name: "Ana" }), company.somebody({ name: "Ben" })]);
  await Promise.all([ana.openChat(company.server.url, "emoji"), ben.openChat(company.server.url, "emoji")]);
  const pick = async (page: Page, name: string) => {
    await page.getByRole("combobox").fill(name);
    await page
      .getByRole("option", { name: new RegExp(name) })
      .first()
      .click();
  };
  const field = ana.page.getByRole("textbox", { name: /^Message to/ });
  await field.fill("a bird: .");
  await field.press("ArrowLeft");
  await ana.page.getByRole("button", { name: "Emoji", exact: true }).click();
  await pick(ana.page, "penguin");
  await expect.poll(() => field.inputValue()).toBe("a bird: 🐧.");
  await field.press("!");
  await field.press("Enter");
  await message(ben.page, "a bird: 🐧!.").waitFor();
  await act(ben.page, "a bird", "React", "All emoji");
  await pick(ben.page, "unicorn");
  await message(ana.page, "a bird").getByRole("button", { name: "🦄, 1: Ben" }).click();
  await message(ben.page, "a bird").getByRole("button", { name: "🦄, 2" }).waitFor();
});

/** A key that an input method uses: `during` a composition, or after it as Safari sends it. */
function pressComposing(field: Locator, key: string, during: boolean): Promise<boolean> {
  return field.evaluate((element, init) => element.dispatchEvent(new KeyboardEvent("keydown", init)), {
    key,
    keyCode: 229,
    isComposing: during,
    bubbles: true,
    cancelable: true,
  });
}

test("an Enter or Escape of an input method sends nothing and leaves nothing, also as Safari sends it", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.openChat(company.server.url, "composing");
  await write(ana.page, "first");
  await message(ana.page, "first").getByText("Sent").waitFor();
  await act(ana.page, "first", "Reply");
  const field = ana.page.getByRole("textbox", { name: /^Message to/ });
  await field.fill("にほんご");
  for (const during of [true, false]) {
    // True: nobody prevented what the input method does with it.
    expect(await pressComposing(field, "Enter", during)).toBe(true);
    expect(await pressComposing(field, "Escape", during)).toBe(true);
  }
  expect(await field.inputValue()).toBe("にほんご");
  await ana.page.getByText("Reply to").waitFor();
  await field.press("Enter");
  await message(ana.page, "にほんご").getByText("Sent").waitFor();

  const put = { method: "PUT", body: '{"a":"x","b":"y"}', headers: { "content-type": "application/json" } };
  expect((await fetch(`${company.server.url}/doc/composing`, put)).ok).toBe(true);
  await ana.open(company.server.url, "composing");
  const a = ana.field("a");
  await a.fill("東京");
  for (const during of [true, false]) {
    expect(await pressComposing(a, "Enter", during)).toBe(true);
    expect(await pressComposing(a, "Escape", during)).toBe(true);
    expect(await pressComposing(a, "ArrowDown", during)).toBe(true);
  }
  expect(await a.inputValue()).toBe("東京");
  expect(await a.evaluate((element) => element === document.activeElement)).toBe(true);
  await a.press("Enter");
  expect(await ana.field("b").evaluate((element) => element === document.activeElement)).toBe(true);
});

test("a text of 400 KB in 20,000 lines is cut to the limit before the page has it, and the page says so", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.openChat(company.server.url, "paste");
  const field = ana.page.getByRole("textbox", { name: /^Message to/ });
  await field.fill("see: ");
  const length = await field.evaluate((element: HTMLTextAreaElement) => {
    element.setSelectionRange(element.value.length, element.value.length);
    const data = new DataTransfer();
    data.setData("text/plain", "twenty characters..\n".repeat(20_000));
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    return element.value.length;
  });
  expect(length).toBe(4_000);
  await ana.page.getByText("The text was cut to 4,000 characters.").waitFor();
  await field.press("Enter");
  await message(ana.page, "see: twenty").getByText("Sent").waitFor();
});

test("code, emphasis and links without a scheme are shown as such; HTML and links with other words are text", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.openChat(company.server.url, "marked");
  await write(ana.page, "run `npm test`, *now* **please**, see example.com/x or www.example.org\n```\n<b>*a*</b>\n```");
  const marked = message(ana.page, "npm test");
  await marked.getByText("Sent").waitFor();
  const inside = (selector: string) => marked.locator(`.message-text ${selector}`).allTextContents();
  expect(await inside("em")).toEqual(["now"]);
  expect(await inside("strong")).toEqual(["please"]);
  expect(await inside("code")).toEqual(["npm test", "<b>*a*</b>"]);
  const hrefs = await marked.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  expect(hrefs).toEqual(["https://example.com/x", "https://www.example.org/"]);

  const plain = "[bank.example](javascript:alert(1)) <img src=x onerror=alert(1)> javascript:alert(1)";
  await write(ana.page, plain);
  await message(ana.page, "bank.example").getByText("Sent").waitFor();
  expect((await texts(ana.page)).at(-1)).toBe(plain);
  expect(await message(ana.page, "bank.example").locator("a, img").count()).toBe(0);
  await expectAccessible(ana.page, "marked");
});

test("a long message is folded; its beginning stays in view when it is unfolded and when it is folded again", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.openChat(company.server.url, "long");
  await write(ana.page, Array.from({ length: 60 }, (_, n) => `line ${n + 1}`).join("\n"));
  const long = message(ana.page, "line 1");
  const top = () => long.evaluate((line) => line.getBoundingClientRect().top);
  const height = () => long.evaluate((line) => line.getBoundingClientRect().height);
  await long.getByRole("button", { name: "Show more" }).waitFor();
  const folded = await height();
  await long.getByRole("button", { name: "Show more" }).click();
  await long.getByRole("button", { name: "Show less" }).waitFor();
  expect(await height()).toBeGreaterThan(2 * folded);
  expect(await top()).toBeGreaterThanOrEqual(0);
  await long.getByRole("button", { name: "Show less" }).click();
  await long.getByRole("button", { name: "Show more" }).waitFor();
  expect(await height()).toBe(folded);
  expect(await top()).toBeGreaterThanOrEqual(0);
});

test("the list of rooms says how many messages are new in the others, until they are read", async () => {
  const [ana, ben] = await Promise.all([company.somebody({ name: "Ana" }), company.somebody({ name: "Ben" })]);
  const link = ana.page.getByRole("complementary").getByRole("link", { name: /^#? ?music/ });
  await ana.openChat(company.server.url, "music");
  await write(ana.page, "here I was");
  await message(ana.page, "here I was").getByText("Sent").waitFor();
  await ana.openChat(company.server.url, "news");
  await ben.openChat(company.server.url, "music");
  for (const text of ["one", "two"]) await write(ben.page, text);
  await link.getByText("2 unread").waitFor();
  await link.click();
  await message(ana.page, "two").waitFor();
  await ana.page.getByRole("complementary").getByRole("link", { name: "news" }).click();
  await link.waitFor();
  await expect.poll(() => link.getByText("unread").count()).toBe(0);
});

test("a wide window is used: the talk is between the rooms and the people", async () => {
  const ana = await company.somebody({ name: "Ana", size: { width: 1680, height: 900 } });
  await ana.openChat(company.server.url, "wide");
  await write(ana.page, "a line");
  await message(ana.page, "a line").getByText("Sent").waitFor();
  await ana.page.getByRole("complementary", { name: "People", exact: true }).getByText("you").waitFor();
  const width = await ana.page.getByRole("log").evaluate((log) => log.firstElementChild?.clientWidth ?? 0);
  expect(width).toBeGreaterThan(1_100);
});

test("where there is no navigator.clipboard, as on plain HTTP, 'Copy text' copies, or the page says that it cannot", async () => {
  const ana = await company.somebody({ name: "Ana" });
  await ana.page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await ana.openChat(company.server.url, "copy");
  await write(ana.page, "to be copied: *all* of it");
  await message(ana.page, "to be copied").getByText("Sent").waitFor();
  await act(ana.page, "to be copied", "More", "Copy text");
  const field = ana.page.getByRole("textbox", { name: /^Message to/ });
  await field.press("ControlOrMeta+v");
  await expect.poll(() => field.inputValue()).toBe("to be copied: *all* of it");

  await ana.page.evaluate(() => Object.defineProperty(document, "execCommand", { value: () => false }));
  await act(ana.page, "to be copied", "More", "Copy text");
  await ana.page.getByText("The copy was not done.").waitFor();
});
