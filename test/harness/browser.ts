import { type Browser, chromium } from "@playwright/test";
import { inject } from "vitest";
import type { BrowserProgram } from "./browser-program.ts";

/** The browser that the project's global setup chose, or the reason why there is none. */
export type BrowserCheck = { readonly program: BrowserProgram } | { readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    browser: BrowserCheck;
  }
}

/** Starts the browser of the `browser` project. Only files named `*.browser.test.ts` have one. */
export async function launchBrowser(): Promise<Browser> {
  const check = inject("browser") as BrowserCheck | undefined;
  if (check === undefined) throw new Error("Tests that use a browser are in files named *.browser.test.ts.");
  if ("reason" in check) throw new Error(check.reason);
  return launch(check.program);
}

export function launch({ executablePath, env }: BrowserProgram): Promise<Browser> {
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    // The sandbox needs rights that a container's root lacks.
    chromiumSandbox: false,
    args: ["--disable-quic"],
    timeout: 30_000,
  });
}
