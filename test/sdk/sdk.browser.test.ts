import type { Browser, BrowserContext, Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.ts";
import { Site } from "./site.ts";

// The site script in a real browser, on pages of another origin than the one it publishes to.

let browser: Browser;
let site: Site;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  [site, context] = await Promise.all([Site.start(), browser.newContext()]);
  // Pauses without their jitter: none at all.
  await context.addInitScript(() => (Math.random = () => 0));
  // A browser that a test drives is no visitor.
  await context.addInitScript(() =>
    Object.defineProperty(navigator, "webdriver", { value: false, configurable: true }),
  );
});

afterEach(async () => {
  await context.close();
  await site.stop();
});

async function open(path: string, referer?: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.url + path, referer === undefined ? {} : { referer });
  return page;
}

const paths = () => site.taken.map(({ type, path }) => `${type} ${path}`);

test.each([
  ["J1 J5 J6 page views by the Navigation API", true],
  ["J1 J5 J6 page views without the Navigation API", false],
])("%s", async (_, navigation) => {
  if (!navigation) {
    await context.addInitScript(() => Object.defineProperty(window, "navigation", { value: undefined }));
  }
  const page = await open("/shop?token=secret#top", "https://news.example/story?reader=7");
  await site.until((posts) => posts.length === 1);
  await page.evaluate(() => {
    history.pushState(null, "", "/shop/cart");
    history.replaceState(null, "", "/shop/cart?coupon=1");
    history.replaceState(null, "", "/shop/pay");
    history.back();
  });
  await site.until(() => site.taken.length === 4);
  await page.evaluate(() => window.roomcast?.track("bought", { items: 2, gift: true }));
  await site.until(() => site.taken.length === 5);

  expect(paths()).toEqual([
    "pageview /shop",
    "pageview /shop/cart",
    "pageview /shop/pay",
    "pageview /shop",
    "bought /shop",
  ]);
  expect(site.taken.map(({ referrer }) => referrer)).toEqual(["news.example", ...Array<undefined>(4)]);
  expect(site.taken[4]).toMatchObject({ siteId: "shop", props: { items: 2, gift: true } });
  expect(Math.abs(Date.now() - (site.taken[0]?.at ?? 0))).toBeLessThan(60_000);
  // No preflight, three requests for five events, and nothing of the address but its path.
  expect(site.posts.map(({ method }) => method)).toEqual(["POST", "POST", "POST"]);
  expect(JSON.stringify(site.posts)).not.toMatch(/secret|coupon|reader|top/);

  expect(await context.cookies()).toEqual([]);
  const stored = await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
  ]);
  expect(stored).toEqual([0, 0, 0, 0]);
});

test.each([
  ["with the Navigation API", true],
  ["without it", false],
])(
  "J1 a page that is prerendered counts once it is seen, whatever its router does before: %s",
  async (_, navigation) => {
    await context.addInitScript((navigation) => {
      if (!navigation) Object.defineProperty(window, "navigation", { value: undefined });
      // As a browser prepares a page: it runs, and nobody has seen it.
      Object.defineProperty(document, "prerendering", { value: true, configurable: true });
    }, navigation);
    const page = await open("/shop");
    await page.evaluate(() => {
      history.replaceState(null, "", "/shop/home");
      history.pushState(null, "", "/shop/start");
      window.roomcast?.track("prepared");
    });
    await site.until(() => site.taken.length === 1);
    expect(paths()).toEqual(["prepared /shop/start"]);
    await page.evaluate(() => {
      Object.defineProperty(document, "prerendering", { value: false });
      document.dispatchEvent(new Event("prerenderingchange"));
    });
    await site.until(() => site.taken.length === 2);
    expect(paths()).toEqual(["prepared /shop/start", "pageview /shop/start"]);
  },
);

test("J2 what may not have arrived is sent again under the same ids, before what came after it", async () => {
  // The first answer waits until there is a later event: the script may try again at once.
  const tracked = Promise.withResolvers<number>();
  site.verdicts.push(tracked.promise, "cut", 429);
  const page = await open("/");
  await site.until((posts) => posts.length === 1);
  await page.evaluate(() => window.roomcast?.track("later"));
  tracked.resolve(503);
  await site.until((posts) => posts.length === 4);
  expect(new Set(site.taken.map(({ id }) => id)).size).toBe(2);
  const last = site.posts[3]?.events.map(({ type }) => type);
  expect(last).toEqual(["pageview", "later"]);
});

test("J3 what the server refuses is dropped, and what cannot be sent at all does not throw", async () => {
  site.verdicts.push(413);
  const page = await open("/");
  const warnings: string[] = [];
  page.on("console", (message) => warnings.push(message.text()));
  await site.until((posts) => posts.length === 1);
  await page.evaluate(() => {
    const circle: Record<string, never> = {};
    Object.assign(circle, { circle });
    window.roomcast?.track("circle", circle);
    window.roomcast?.track("huge", { text: "x".repeat(50_000) });
    window.roomcast?.track("fine");
  });
  await site.until((posts) => posts.length === 2);
  expect(paths()).toEqual(["pageview /", "fine /"]);
  expect(warnings.filter((text) => text.startsWith("roomcast: an event is not sent"))).toHaveLength(2);
});

test("J4 what waits when the page is left is sent by beacon, in requests that are small enough for that", async () => {
  const page = await open("/");
  await site.until((posts) => posts.length === 1);
  await page.evaluate(() => {
    for (let i = 0; i < 16; i += 1) window.roomcast?.track("many", { i, text: "漢".repeat(1000) });
    location.assign("about:blank");
  });
  await page.waitForURL("about:blank");
  await site.until((posts) => posts.length === 2);
  expect(site.posts[1]).toMatchObject({ mode: "no-cors", type: "text/plain;charset=UTF-8" });
  expect(site.posts[1]?.events.map(({ props }) => props?.["i"])).toEqual(Array.from({ length: 16 }, (_, i) => i));
});

test("J7 a visitor with Global Privacy Control sends nothing", async () => {
  await context.addInitScript(() => {
    if (location.pathname === "/private") Object.defineProperty(navigator, "globalPrivacyControl", { value: true });
  });
  const page = await open("/private");
  await page.evaluate(() => {
    window.roomcast?.track("seen");
    history.pushState(null, "", "/private/two");
  });
  await page.goto(`${site.url}/public`);
  await site.until((posts) => posts.length > 0);
  expect(paths()).toEqual(["pageview /public"]);
});

test("J1 a page with variables and an element of the script's names is counted as any", async () => {
  await context.addInitScript("var navigation = { a: 1 }; var URL = 'x'; var AbortSignal = 0;");
  await context.addInitScript(() =>
    addEventListener("DOMContentLoaded", () => document.body.insertAdjacentHTML("beforeend", '<i id="roomcast">')),
  );
  const page = await open("/shop");
  await site.until(() => site.taken.length === 1);
  await page.evaluate(() => window.roomcast?.track("bought"));
  await site.until(() => site.taken.length === 2);
  expect(paths()).toEqual(["pageview /shop", "bought /shop"]);
});

test("J13 what a stub has gathered is published, before and after the script is there", async () => {
  await context.addInitScript("window.roomcast = window.roomcast || { q: [] }; roomcast.q.push(['early', { n: 1 }])");
  const page = await open("/shop");
  await site.until(() => site.taken.length === 2);
  await page.evaluate(() => window.roomcast?.q.push(["track", "late"]));
  await site.until(() => site.taken.length === 3);
  expect(site.taken.map(({ type, props }) => [type, props])).toEqual([
    ["pageview", undefined],
    ["early", { n: 1 }],
    ["late", undefined],
  ]);
});

test("J3 one event that the server refuses takes no other with it", async () => {
  const page = await open("/shop");
  await site.until((posts) => posts.length === 1);
  // The batch, its first half, and the one of it that is at fault.
  site.verdicts.push(400, 400, 400);
  await page.evaluate(() => ["bad", "b", "c", "d"].forEach((name) => window.roomcast?.track(name)));
  await site.until((posts) => posts.slice(4).flatMap(({ events }) => events).length === 3);
  expect(site.posts.slice(4).flatMap(({ events }) => events.map(({ type }) => type))).toEqual(["b", "c", "d"]);
});

test("J7 a browser that is driven by a program sends nothing", async () => {
  await context.addInitScript(() => Object.defineProperty(navigator, "webdriver", { value: true }));
  const page = await open("/shop");
  await page.evaluate(() => window.roomcast?.track("bought"));
  await page.close({ runBeforeUnload: true });
  expect(site.taken).toEqual([]);
});
