import type { Page } from "@playwright/test";
import { expect, test } from "vitest";
import { expectAccessible } from "../harness/axe.ts";
import { Company } from "../harness/company.ts";

// A site's dashboard, its sample page, and what happens between them.

const company = Company.gather();

async function publish(site: string, ...events: readonly object[]): Promise<void> {
  const body = events.map((event) => JSON.stringify(event)).join("\n");
  const response = await fetch(`${company.server.url}/stream/${site}`, { method: "POST", body });
  expect(response.status).toBe(200);
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ type: "step", n: from + index }));

/** What the list shows, newest first. */
function rows(page: Page): Promise<string[]> {
  return page.locator(".tail-rows > li").allInnerTexts();
}

test("what one does on the sample page shows on the dashboard, also the last click before leaving", async () => {
  const [{ page: dashboard }, { page: sample }] = await Promise.all([company.somebody(), company.somebody()]);
  await dashboard.goto(`${company.server.url}/live/bakery`);
  await dashboard.getByRole("heading", { name: "Nothing has happened here yet" }).waitFor();
  // A browser that a test drives is no visitor.
  await sample.addInitScript(() => Object.defineProperty(navigator, "webdriver", { value: false }));
  await sample.goto(`${company.server.url}/sample/?site=bakery`);
  await sample.getByRole("button", { name: "Keep a sourdough for me" }).click();
  await dashboard.locator(".tail-row", { hasText: "item: sourdough" }).waitFor();
  await dashboard.locator(".tail-row", { hasText: "/sample/" }).filter({ hasText: "pageview" }).waitFor();

  await sample.getByRole("button", { name: "Send me the week's list" }).click();
  await sample.getByRole("link", { name: "Menu" }).click();
  await dashboard.locator(".tail-row", { hasText: "newsletter" }).waitFor();
  await dashboard.locator(".tail-row", { hasText: "/sample/menu" }).waitFor();
  const top = dashboard.getByRole("region", { name: "Top pages" });
  await top.getByRole("button", { name: "/sample/menu 1" }).waitFor();
  await dashboard.getByTestId("Visitors now").filter({ hasText: /^1$/ }).waitFor();

  // By its link, and from a row to what was published.
  await sample.getByRole("link", { name: "dashboard" }).waitFor();
  expect(await sample.getByRole("link", { name: "dashboard" }).getAttribute("href")).toBe("/live/bakery");
  await top.getByRole("button", { name: "/sample/menu 1" }).click();
  expect(await dashboard.getByRole("searchbox").inputValue()).toBe("type:pageview path:/sample/menu");
  await expect.poll(() => dashboard.locator(".tail-row").count()).toBe(1);
  await dashboard.locator(".tail-row button").click();
  await dashboard.getByText('"siteId": "bakery"').waitFor();

  // Counted meanwhile by the consumer of the queue: two page views and two clicks.
  const counted = async (): Promise<unknown> =>
    ((await (await fetch(`${company.server.url}/stream/bakery/stats?by=hour`)).json()) as { events: unknown }).events;
  await expect.poll(counted).toBe(4);
  await dashboard.getByRole("button", { name: "24h" }).click();
  await dashboard.getByTestId("Events").filter({ hasText: /^4$/ }).waitFor();
  await dashboard.getByRole("img", { name: "Visitors each hour in the last 24 hours: 1 at most." }).waitFor();
});

test("J12 an event opened in full is what was published, its numbers and all", async () => {
  const { page } = await company.somebody();
  const body = '{"type":"order","price":12345678901234567890.10,"n":1.0,"n":2}';
  expect((await fetch(`${company.server.url}/stream/exact`, { method: "POST", body })).status).toBe(200);
  await page.goto(`${company.server.url}/live/exact`);
  await page
    .locator(".tail-row", { hasText: "price: 12345678901234567890.10 · n: 1.0 · n: 2" })
    .locator("button")
    .click();
  expect(await page.locator(".tail-details pre").innerText()).toBe(
    '{\n  "type": "order",\n  "price": 12345678901234567890.10,\n  "n": 1.0,\n  "n": 2\n}',
  );
});

test("a page that fails says so in plain words, and there is a way on", async () => {
  const { page } = await company.somebody();
  await page.route(/live-page.*\.js$/, (route) => route.abort());
  await page.goto(`${company.server.url}/live/broken`);
  await page.getByRole("heading", { name: "This page could not be shown" }).waitFor();
  await expectAccessible(page, "a page that failed");
  await page.unroute(/live-page.*\.js$/);
  await page.getByRole("button", { name: "Load it again" }).click();
  await page.getByRole("heading", { name: "Nothing has happened here yet" }).waitFor();
});

test("after a loss of the connection the dashboard catches up, and says on how much", async () => {
  const person = await company.somebody();
  const { page } = person;
  await publish("lossy", ...numbered(1, 3));
  await page.goto(`${company.server.url}/live/lossy`);
  await page.locator(".tail-row", { hasText: "n: 3" }).waitFor();
  await person.goOffline();
  await page.getByText("You are offline.").waitFor();
  await publish("lossy", ...numbered(4, 55));
  await publish("lossy", ...numbered(56, 70));
  await person.comeBack();
  await page.getByRole("status").filter({ hasText: "Caught up 67 events" }).waitFor();
  await publish("lossy", ...numbered(71, 71));
  await page.locator(".tail-row", { hasText: "n: 71" }).waitFor();
  // Standing still, it shows more than while it runs.
  await page.getByRole("button", { name: "Pause" }).click();
  const shown = (await rows(page)).map((text) => /n: (\d+)/.exec(text)?.[1] ?? text);
  expect(shown).toEqual([
    "71",
    expect.stringMatching(/^Caught up 67 events after \d+ seconds? without a connection$/),
    ...Array.from({ length: 70 }, (_, index) => String(70 - index)),
  ]);
});

test("while history is loaded, and when it cannot be, the page says so and nothing that is not so", async () => {
  const { page } = await company.somebody();
  await publish("past", { type: "pageview", path: "/" });
  await page.goto(`${company.server.url}/live/past`);
  await page.locator(".tail-row").waitFor();
  let fail: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (fail = resolve));
  await page.route(/\/stats\?/, async (route) => {
    await held;
    await route.abort();
  });
  await page.getByRole("button", { name: "24h" }).click();
  const top = page.getByRole("region", { name: "Top pages" });
  await top.getByText("Loading…").waitFor();
  fail();
  await top.getByText("The history could not be loaded.").waitFor();
  const alert = page.getByRole("alert").filter({ hasText: "The history could not be loaded." });
  expect(await alert.locator("p").innerText()).toBe(
    "The history could not be loaded. The server cannot be reached just now.",
  );
  await page.unroute(/\/stats\?/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByTestId("Events").filter({ hasText: /^\d/ }).waitFor();
});

test("with the keyboard: traffic, a pause, an event in full, and on again", async () => {
  const { page } = await company.somebody();
  await page.goto(`${company.server.url}/live/busy-${crypto.randomUUID()}`);
  await page.getByRole("heading", { name: "Nothing has happened here yet" }).waitFor();
  await page.getByRole("button", { name: "Generate traffic" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".tail-row").nth(8).waitFor();
  // It is in another place now, and still has the focus.
  await page.getByRole("button", { name: "Stop traffic" }).and(page.locator(":focus")).waitFor();
  await page.getByRole("list", { name: "Events, newest first" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/^Position [a-z0-9]+\.\d+, taken/).waitFor();
  const before = await rows(page);
  await page.getByRole("button", { name: /Paused\. Show [1-9]\d* new\./ }).waitFor();
  expect(await rows(page)).toEqual(before);
  await page.getByRole("button", { name: "Resume" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => rows(page)).not.toEqual(before);
  await page.getByRole("button", { name: "Stop traffic" }).click();
  await page.getByRole("searchbox").fill("type:");
  await page.getByText("expected a value").waitFor();
});

test("nothing that axe finds wrong: on a screen in light, on a phone in dark", async () => {
  const { page } = await company.somebody();
  const site = `axe-${crypto.randomUUID()}`;
  const check = (where: string) => expectAccessible(page, where);
  const turn = async (colorScheme: "light" | "dark") => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(colorScheme === "light" ? { width: 1280, height: 800 } : { width: 390, height: 844 });
  };
  await page.goto(`${company.server.url}/live/${site}`);
  await page.getByRole("heading", { name: "Nothing has happened here yet" }).waitFor();
  await check("empty, light");
  const types = ["pageview", "click", "search", "signup", "purchase", "error", "order", "step"];
  await publish(site, ...types.map((type, n) => ({ type, n, path: "/docs", visitor: "v" })));
  await page.locator(".tail-row").nth(7).locator("button").click();
  await page.getByRole("searchbox").fill("type:");
  await page.getByText("expected a value").waitFor();
  await check("live, light");
  await turn("dark");
  await check("live, dark");
  await page.goto(`${company.server.url}/sample/menu?site=${site}`);
  await page.getByRole("button", { name: "Order" }).first().click();
  await check("sample, dark");
  await turn("light");
  await check("sample, light");
});

test("every page is shown whatever the browser's language is called, charts included", async () => {
  await publish("posix", { type: "visit" });
  const { page } = await company.somebody();
  await page.addInitScript(() => {
    Object.defineProperties(Navigator.prototype, {
      language: { get: () => "en-US@posix", configurable: true },
      languages: { get: () => ["en-US@posix"], configurable: true },
    });
  });
  const { url } = company.server;
  await page.goto(`${url}/live/posix`);
  await page.locator(".chart-canvas canvas").nth(1).waitFor();
  expect(await page.evaluate(() => navigator.language)).toBe("en-US");
  for (const path of ["d", "chat", "map"]) {
    await page.goto(`${url}/${path}/posix`);
    await page.getByTestId("status").filter({ hasText: "Live" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  }
});

test("a chart that cannot be drawn says so with its figures, can be tried again, and leaves the rest of the page alone", async () => {
  await publish("undrawn", { type: "visit" });
  const { page } = await company.somebody();
  await page.addInitScript(`
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = () => { throw new Error("no canvas"); };
    globalThis.mend = () => { HTMLCanvasElement.prototype.getContext = getContext; };
  `);
  await page.goto(`${company.server.url}/live/undrawn`);
  const failed = page.getByRole("alert").filter({ hasText: "The chart could not be drawn." });
  await failed.filter({ hasText: "Visitors in the last 5 minutes" }).waitFor();
  await failed.filter({ hasText: "Events a second in the last 5 minutes" }).waitFor();
  await publish("undrawn", { type: "another" });
  await page.locator(".tail-row", { hasText: "another" }).waitFor();

  await page.evaluate("mend()");
  await failed.first().getByRole("button", { name: "Try again" }).click();
  await page.locator(".chart-canvas canvas").waitFor();
  expect(await failed.count()).toBe(1);
});
