import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";

export interface BrowserProgram {
  readonly executablePath: string;
  /** Variables that it needs besides those of this process. */
  readonly env: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, "../..");
const CACHE = join(ROOT, "node_modules/.cache/roomcast");
const PACKAGE = "@sparticuz/chromium";
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const FIXED_PATHS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * The first Chromium for which `works` does not throw: the one that CHROMIUM_PATH names and no other, else an installed
 * one, else Playwright's download, else the one in the npm package. Throws an error that lists every attempt.
 */
export async function findBrowser(works: (program: BrowserProgram) => Promise<void>): Promise<BrowserProgram> {
  const explicit = process.env["CHROMIUM_PATH"];
  const candidates = explicit ? [{ name: "CHROMIUM_PATH", find: () => plain(explicit) }] : CANDIDATES;
  const failures: string[] = [];
  for (const { name, find } of candidates) {
    try {
      const program = await find();
      if (program !== undefined) {
        await works(program);
        return program;
      }
      failures.push(`${name}: none`);
    } catch (error) {
      failures.push(`${name}: ${essence(error)}`);
    }
  }
  throw new Error(
    `No Chromium starts here.\n${failures.map((failure) => `- ${failure}`).join("\n")}\n` +
      "Set CHROMIUM_PATH, or install one: npx playwright install --with-deps chromium, or apt-get install chromium.",
  );
}

interface Candidate {
  readonly name: string;
  readonly find: () => BrowserProgram | undefined | Promise<BrowserProgram | undefined>;
}

const CANDIDATES: readonly Candidate[] = [
  { name: "installed on this machine", find: installed },
  { name: "Playwright's download", find: downloaded },
  { name: PACKAGE, find: () => bundled({}) },
  // Where the system lacks libnss3 and its kin: the package has them too.
  { name: `${PACKAGE} with the libraries that it brings`, find: withLibraries },
];

function plain(executablePath: string): BrowserProgram {
  return { executablePath, env: {} };
}

function installed(): BrowserProgram | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [...paths, ...FIXED_PATHS].find((path) => existsSync(path));
  return found === undefined ? undefined : plain(found);
}

function downloaded(): BrowserProgram | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? plain(path) : undefined;
}

async function bundled(env: Readonly<Record<string, string>>): Promise<BrowserProgram | undefined> {
  const folder = await unpackBundled();
  if (folder === undefined) return undefined;
  // A system without fonts has no configuration of them either.
  const fonts = existsSync("/etc/fonts/fonts.conf") ? {} : { FONTCONFIG_PATH: join(folder, "fonts") };
  return { executablePath: join(folder, "chromium"), env: { ...fonts, ...env } };
}

async function withLibraries(): Promise<BrowserProgram | undefined> {
  const folder = await unpackBundled();
  return folder === undefined ? undefined : bundled({ LD_LIBRARY_PATH: join(folder, "al2023/lib") });
}

/**
 * Unpacks the Chromium of the npm package once for all runs of this checkout, and resolves with its folder; undefined where
 * the package has none for this machine. A process of its own writes the files, into a folder that gets its final name when
 * all are complete: no other process can see a half of them, start one that is still open for writing, or write it twice.
 */
export async function unpackBundled(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const source = join(ROOT, "node_modules", PACKAGE);
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as { readonly version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const staging = await mkdtemp(`${folder}-`);
  try {
    await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", UNPACK, join(source, "bin/al2023.tar.br")],
      {
        cwd: ROOT,
        env: { ...process.env, TMPDIR: staging },
      },
    );
    await rename(staging, folder).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

/** The package writes into the folder of temporary files. */
const UNPACK = `
  import chromium, { inflate } from "${PACKAGE}";
  await Promise.all([chromium.executablePath(), inflate(process.argv.at(-1))]);
`;

/** The line of an error that says the most: Playwright's messages are pages long. */
function essence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split("\n");
  return (
    lines.find((line) => /error while loading|missing|cannot|ENOENT|EACCES|ETXTBSY/i.test(line)) ?? lines[0] ?? message
  );
}
