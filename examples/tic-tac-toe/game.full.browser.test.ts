import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible } from "../../test/harness/axe.ts";
import { launchBrowser } from "../../test/harness/browser.ts";
import { TestServer } from "../../test/harness/server.ts";

const ROOT = join(import.meta.dirname, "../..");

let browser: Browser | undefined;
let server: TestServer | undefined;

beforeAll(async () => {
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: import.meta.dirname, env });
  browser = await launchBrowser();
  server = await TestServer.start({ config: "examples/tic-tac-toe/wrangler.jsonc" });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("two windows play a game, a third watches, and a reload keeps the seat", async () => {
  if (browser === undefined || server === undefined) throw new Error("The browser or the server has not started.");
  const context = await browser.newContext();
  const faults: string[] = [];
  context.on("weberror", (error) => faults.push(error.error().message));
  const one = await context.newPage();
  await one.goto(server.url);
  await one.getByRole("button", { name: "Play as X" }).click();
  await message(one, "Waiting for somebody to play against.");

  // The same browser, another window: as the link below the board opens it.
  const two = await context.newPage();
  await two.goto((await one.getByRole("link", { name: "Open a second window" }).getAttribute("href")) ?? "");
  await two.getByRole("button", { name: "Play as O" }).click();
  await message(one, "Your move.");
  const three = await context.newPage();
  await three.goto(one.url());
  await message(three, "You are watching. X to move.");
  await one.getByText("1 other is watching").waitFor();
  await expectAccessible(three, "a game that is watched");

  await play(one, "Row 1, column 1");
  await play(two, "Row 2, column 1");
  await one.reload();
  await play(one, "Row 1, column 2");
  await play(two, "Row 2, column 2");
  await play(one, "Row 1, column 3");
  await message(one, "You won.");
  await message(two, "X won.");
  await message(three, "X won.");
  expect(await three.getByRole("button", { name: "Play again" }).isVisible()).toBe(false);

  await two.getByRole("button", { name: "Play again" }).click();
  await message(one, "Your move.");
  expect(faults).toEqual([]);
  await context.close();
});

async function message(page: Page, text: string): Promise<void> {
  await page.locator("#message", { hasText: text }).waitFor();
}

/** Waits for the turn and plays. */
async function play(page: Page, cell: string): Promise<void> {
  await message(page, "Your move.");
  await page.getByRole("button", { name: cell }).click();
}
