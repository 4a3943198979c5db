import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const ELSEWHERE = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * Starts a Chromium: the one that CHROMIUM_PATH names, else one installed on this machine, else Playwright's
 * download, else the one that npm brought. Throws with the ways to get one when none of them starts.
 */
export async function launchBrowser(): Promise<Browser> {
  const explicit = process.env["CHROMIUM_PATH"];
  if (explicit !== undefined && explicit !== "") return launch(explicit);
  const failures: string[] = [];
  for (const [what, find] of CANDIDATES) {
    try {
      const path = await find();
      if (path !== undefined) return await launch(path);
      failures.push(`${what}: none`);
    } catch (error) {
      failures.push(`${what}: ${firstLine(error)}`);
    }
  }
  throw new Error(
    `No Chromium starts here.\n${failures.map((failure) => `- ${failure}`).join("\n")}\n` +
      "Set CHROMIUM_PATH, or install one: npx playwright install --with-deps chromium, or apt-get install chromium.",
  );
}

const CANDIDATES: readonly (readonly [string, () => string | undefined | Promise<string | undefined>])[] = [
  ["installed on this machine", installed],
  ["Playwright's download", () => (existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined)],
  ["@sparticuz/chromium", fromNpm],
];

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // The sandbox needs rights that a container's root lacks.
    chromiumSandbox: false,
    args: ["--disable-quic"],
  });
}

function installed(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...ELSEWHERE].find((path) => existsSync(path));
}

async function fromNpm(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const { default: packed } = await import("@sparticuz/chromium");
  return packed.executablePath();
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n").find((line) => /error|missing|cannot/i.test(line)) ?? message.split("\n")[0] ?? message;
}
