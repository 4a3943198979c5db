import type { TestProject } from "vitest/node";
import { type BrowserProgram, findBrowser } from "./browser-program.ts";
import { launch } from "./browser.ts";
import build from "./build.ts";
import { TestServer } from "./server.ts";

const STEP_MS = 30_000;

/** Builds the example, and finds out once whether a browser starts and shows the start page. */
export default async function setUp(project: TestProject): Promise<void> {
  await build();
  let server: TestServer | undefined;
  try {
    server = await TestServer.start();
    const { url } = server;
    const program = await findBrowser(async (candidate) => (await launch(candidate)).close());
    await showStartPage(program, url);
    project.provide("browser", { program });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // Where only some files run, the one that fails for all may not be among them.
    if (process.env["ROOMCAST_TEST_ALL"] !== "1") throw error;
    project.provide("browser", { reason });
  } finally {
    await server?.stop();
  }
}

async function showStartPage(program: BrowserProgram, url: string): Promise<void> {
  const browser = await launch(program);
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(STEP_MS);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    const response = await page.goto(url);
    if (response?.status() !== 200) errors.push(`it answers ${String(response?.status())}`);
    const heading = page.getByRole("heading", { level: 1 });
    if (errors.length === 0) await heading.waitFor().catch(() => errors.push("no heading appears"));
    if (errors.length > 0) throw new Error(`A browser starts, but the start page fails: ${errors.join("; ")}`);
  } finally {
    await browser.close();
  }
}
