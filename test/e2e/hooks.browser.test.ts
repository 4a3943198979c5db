import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { TestServer } from "../../src/client/fixtures/server.ts";
import { documentKind } from "../../src/kinds/document/kind.ts";
import type { DocumentIntent, DocumentOp } from "../../src/kinds/document/types.ts";
import type { Json } from "../../src/protocol/json.ts";
import { launchBrowser } from "../harness/browser.ts";

const ROOT = join(import.meta.dirname, "../..");

const APP = `
import { StrictMode, createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "./src/client/index.ts";
import { useDocument, usePresence } from "./src/react/index.ts";

const rooms = connect(globalThis.SERVER);
function Title({ id }) {
  const { value, document } = useDocument(rooms, id);
  return h("input", { id: "title", value: value?.title ?? "", onChange: (event) => document.merge({ title: event.target.value }) });
}
function Standing({ id, name }) {
  const { value, status, error, document } = useDocument(rooms, id);
  const peers = usePresence(document, { name });
  return h("output", null, JSON.stringify({ value, phase: status.phase, error: error?.code, peers: peers.map((peer) => peer.data.name) }));
}
function Shadow({ id, name }) {
  const { document } = useDocument(rooms, id);
  usePresence(document, { name });
  return null;
}
let renders = 0;
function Cell({ name }) {
  renders += 1;
  const { value } = useDocument(rooms, "sheet", { select: (sheet) => sheet?.[name] });
  return h("li", null, value ?? "");
}
function Waiting() {
  const { pending } = useDocument(rooms, "sheet");
  return h("output", { id: "pending" }, String(pending));
}
function showSheet(count) {
  createRoot(globalThis.document.body.appendChild(globalThis.document.createElement("ul"))).render([
    h(Waiting, { key: "waiting" }),
    ...Array.from({ length: count }, (_, index) => h(Cell, { name: "k" + index, key: index })),
  ]);
}
Object.assign(globalThis, { showSheet, count: () => renders });
function App() {
  const [id, setId] = useState("one");
  const [shown, setShown] = useState(true);
  const [shadow, setShadow] = useState(false);
  Object.assign(globalThis, { setId, setShown, setShadow, rooms });
  return shown && [
    h(Title, { id, key: 1 }),
    h(Standing, { id, name: globalThis.NAME, key: 2 }),
    shadow && h(Shadow, { id, name: "Shadow of " + globalThis.NAME, key: 3 }),
  ];
}
createRoot(document.body).render(h(StrictMode, null, h(App)));
`;

let code: string;
let browser: Browser;
let server: TestServer<Json, DocumentIntent, DocumentOp>;

beforeAll(async () => {
  const [built, launched] = await Promise.all([
    build({
      stdin: { contents: APP, resolveDir: ROOT, loader: "ts" },
      bundle: true,
      format: "iife",
      write: false,
      // The development build of React, whose StrictMode does everything twice.
      define: { "process.env.NODE_ENV": '"development"' },
    }),
    launchBrowser(),
  ]);
  code = built.outputFiles[0]?.text ?? "";
  browser = launched;
});

afterAll(() => browser?.close());

beforeEach(async () => {
  server = new TestServer(documentKind);
  await server.listen();
});

afterEach(() => server.stop());

async function open(name: string): Promise<Page> {
  const page = await browser.newPage();
  await page.evaluate(`globalThis.SERVER = ${JSON.stringify(server.url)}; globalThis.NAME = ${JSON.stringify(name)};`);
  await page.addScriptTag({ content: code });
  return page;
}

function shows(page: Page, text: string): Promise<void> {
  return page.locator("output", { hasText: text }).waitFor();
}

test("components that use one document share a connection, twice mounted or not", async () => {
  const page = await open("a");
  await shows(page, '"phase":"live"');
  expect(server.visits).toEqual(["/doc/one/ws"]);

  // A text field that a room controls keeps its caret.
  const title = page.locator("#title");
  await title.fill("Hllo");
  await title.press("Home");
  await title.press("ArrowRight");
  await title.pressSequentially("e");
  expect(await title.inputValue()).toBe("Hello");
  expect(await title.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(2);
  await server.until(() => JSON.stringify(server.room.state) === '{"title":"Hello"}');

  await page.evaluate('globalThis.setId("two")');
  await server.until(() => server.visits.length === 2);
  expect(server.visits[1]).toBe("/doc/two/ws");
  await page.close();
});

test("two pages see each other come, write and go", async () => {
  const [one, two] = await Promise.all([open("One"), open("Two")]);
  await Promise.all([shows(one, '"peers":["Two"]'), shows(two, '"peers":["One"]')]);
  await two.locator("#title").fill("from two");
  await shows(one, '"title":"from two"');
  await two.evaluate("globalThis.setShown(false)");
  await shows(one, '"peers":[]');
  await two.evaluate("globalThis.setShown(true)");
  await shows(one, '"peers":["Two"]');
  expect(server.visits).toHaveLength(2);
  await Promise.all([one.close(), two.close()]);
});

test("of two components that say who is here the latest is heard, and the other again when that one goes", async () => {
  const [one, two] = await Promise.all([open("One"), open("Two")]);
  await shows(one, '"peers":["Two"]');
  await two.evaluate("globalThis.setShadow(true)");
  await shows(one, '"peers":["Shadow of Two"]');
  await two.evaluate("globalThis.setShadow(false)");
  await shows(one, '"peers":["Two"]');
  await Promise.all([one.close(), two.close()]);
});

test("a refusal reaches the component", async () => {
  const page = await open("a");
  await shows(page, '"phase":"live"');
  await page.evaluate('void globalThis.rooms.document("one").patch([{ op: "remove", path: "/no" }])');
  await shows(page, '"error":"conflict"');
  await page.close();
});

test("components with a selection render again only when it changes: 50 components, 1,000 keys, 100 merges", async () => {
  const sheet = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, "a"]));
  server.room.commit({ type: "set", value: sheet });
  const page = await open("a");
  await page.evaluate("globalThis.showSheet(50)");
  await page.locator("li", { hasText: "a" }).nth(49).waitFor();
  const before = await page.evaluate<number>("globalThis.count()");
  await page.evaluate(`(async () => {
    const sheet = globalThis.rooms.document("sheet");
    for (let n = 0; n < 100; n += 1) await sheet.merge({ ["k" + n * 7]: "b" });
  })()`);
  // k0, k7 ... k49.
  await expect.poll(() => page.locator("li", { hasText: "b" }).count()).toBe(8);
  await expect.poll(() => page.locator("#pending").textContent()).toBe("0");
  expect((await page.evaluate<number>("globalThis.count()")) - before).toBe(8);
  await page.close();
});
