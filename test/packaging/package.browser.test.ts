import { execFile, spawn } from "node:child_process";
import { gzipSync } from "node:zlib";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** What a browser may have to download for a live document, in bytes of minified and gzipped JavaScript. */
const CLIENT_LIMIT = 9 * 1024;

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "roomcast-package-"));
  await cp(join(import.meta.dirname, "project"), project, { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "ten-lines", private: true, type: "module" }));
  await run("npm", ["pack", "--silent", "--pack-destination", project], { cwd: ROOT });
  const tarball = (await readdir(project)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${tarball}`], { cwd: project });
});

afterAll(async () => {
  if (project !== undefined) await rm(project, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Gives the project a development dependency that is installed here, without the download. */
async function borrow(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const target = join(project, "node_modules", name);
    if (existsSync(target)) continue;
    await mkdir(join(target, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), target);
  }
}

const roomcast = () => join(project, "node_modules/.bin/roomcast");

test("the package brings what it says, and nothing of the repository", async () => {
  const { messages } = await publint({ pkgDir: ROOT, pack: false, strict: true });
  expect(messages).toEqual([]);
  const files = await readdir(join(project, "node_modules/roomcast"), { recursive: true });
  const strays = files.filter((name) => /\.test\.|^(src|test|app|bench|node_modules)\b/.test(name));
  expect(strays).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(["LICENSE", "dist/index.js", "dist/server.d.ts"]));
  const installed = await readdir(join(project, "node_modules"));
  expect(installed.filter((name) => !name.startsWith("."))).toEqual([
    "@noble",
    "hono",
    "roomcast",
    "saxes",
    "valibot",
    "xmlchars",
  ]);
});

test("it says where it comes from, its README works on npm, and its hooks are for the client", async () => {
  const home = join(project, "node_modules/roomcast");
  const packed = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as Record<string, unknown>;
  expect(packed).toMatchObject({
    homepage: expect.stringMatching(/^https:/) as string,
    bugs: expect.stringMatching(/^https:/) as string,
    repository: { type: "git" },
  });
  const readme = await readFile(join(home, "README.md"), "utf8");
  expect([...readme.matchAll(/\]\((?!https?:|#)([^)]*)\)/g)].map(([, link]) => link)).toEqual([]);
  expect((await readFile(join(home, "dist/react.js"), "utf8")).startsWith('"use client";')).toBe(true);
  const { stdout } = await run(process.execPath, [roomcast(), "--version"], { cwd: project });
  expect(stdout.trim()).toBe(packed["version"]);
});

// The published types, checked themselves; the two ends of the usual settings.
const SETTINGS = [
  { resolution: "bundler", exact: false },
  { resolution: "node16", exact: true },
];
test.each(SETTINGS)(
  "its types check with $resolution, exactOptionalPropertyTypes $exact",
  async ({ resolution, exact }) => {
    await borrow("@cloudflare/workers-types", "@types/react", "csstype");
    const config = join(project, `tsconfig.types-${resolution}-${String(exact)}.json`);
    const module = resolution === "bundler" ? "esnext" : resolution;
    const options = { module, moduleResolution: resolution, exactOptionalPropertyTypes: exact };
    const shared = { target: "es2022", strict: true, noEmit: true, skipLibCheck: false, types: [] };
    await writeFile(join(project, "types.ts"), TYPES);
    await writeFile(
      config,
      JSON.stringify({
        compilerOptions: { ...shared, lib: ["es2022", "dom", "dom.iterable"], ...options },
        files: ["types.ts"],
      }),
    );
    await expect(run(join(ROOT, "node_modules/.bin/tsc"), ["-p", config], { cwd: project })).resolves.toMatchObject({
      stdout: "",
    });
  },
);

const TYPES = `
import { chat, connect, map } from "roomcast";
import { useDocument } from "roomcast/react";
import { checkKind } from "roomcast/testing";
import { defineKind } from "roomcast/kind";
interface Note { title: string; at?: { line: number } }
const rooms = connect("https://notes.example");
export const note = rooms.document<Note, { name: string }>("a").value?.title;
export const all = [chat, map, useDocument, checkKind, defineKind];
`;

test("without wrangler, roomcast start says what to install", async () => {
  const failed = await run(process.execPath, [roomcast(), "start"], { cwd: project }).catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: 1,
    stderr: "roomcast: Running rooms on this machine needs wrangler: npm install --save-dev wrangler\n",
  });
});

test("ten lines of Worker and of client type-check against it", async () => {
  await borrow("@cloudflare/workers-types", "@types/node", "undici-types");
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  for (const config of ["tsconfig.worker.json", "tsconfig.client.json"]) {
    // tsc explains itself on its standard output, which execFile's error shows.
    await expect(run(tsc, ["-p", config], { cwd: project })).resolves.toMatchObject({ stdout: "" });
  }
});

test("a kind can be written and tried in Node", async () => {
  const { stdout } = await run(process.execPath, ["kind.ts"], { cwd: project });
  expect(stdout).toBe("true\n");
});

test("the client for documents fits its limit", async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: 'import { connect } from "roomcast"; connect("/").document("a");', resolveDir: project },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const size = gzipSync(code, { level: 9 }).byteLength;
  process.stdout.write(`Client for documents: ${code.byteLength} bytes minified, ${size} gzipped\n`);
  expect(Object.keys(metafile.inputs).filter((path) => /node_modules\/(?!roomcast\/)/.test(path))).toEqual([]);
  expect(size).toBeGreaterThan(1000);
  expect(size).toBeLessThanOrEqual(CLIENT_LIMIT);
});

test("the client in Node talks to the Worker that roomcast start serves", async () => {
  await borrow("wrangler");
  const code = await serving(process.execPath, [roomcast(), "start"], project, async (url) => {
    const { stdout } = await run(process.execPath, ["client.ts", url], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({
      value: { title: "packed", count: 2 },
      refused: true,
      soldOut: "conflict: Only 1 left.",
    });
  });
  expect(code).toBe(0);
});

test("what roomcast init writes type-checks, builds, and is live in two windows, where no text is lost", async () => {
  await borrow("@cloudflare/vite-plugin", "vite", "wrangler", "@cloudflare/workers-types");
  const app = join(project, "rooms");
  await run(process.execPath, [roomcast(), "init", "rooms"], { cwd: project });
  await run("npm", ["run", "check"], { cwd: app, env: withTools() });
  const browser = await launchBrowser();
  try {
    await serving("npm", ["start"], app, async (url) => {
      const [one, two] = await Promise.all([browser.newPage(), browser.newPage()]);
      await Promise.all([one.goto(url), two.goto(url)]);
      await one.getByText("1 more here").waitFor();
      await one.getByLabel("A title").fill("Tuesday");
      await one.keyboard.press("Enter");
      await two.getByRole("button", { name: "Vote 0" }).click();
      await one.getByRole("button", { name: "Vote 1" }).waitFor();
      await expect.poll(() => two.getByLabel("A title").inputValue()).toBe("Tuesday");

      // Both type at once: nothing of either text is lost.
      await two.getByLabel("A title").focus();
      await two.keyboard.press("End");
      await two.keyboard.type(" evening");
      await one.getByText("1 more here, typing a title").waitFor();
      await one.getByLabel("A title").fill("Next Tuesday");
      await one.keyboard.press("Enter");
      await two.getByText("Somebody else changed it to Next Tuesday").waitFor();
      expect(await two.getByLabel("A title").inputValue()).toBe("Tuesday evening");
      await two.getByRole("button", { name: "Keep mine" }).click();
      await expect.poll(() => one.getByLabel("A title").inputValue()).toBe("Tuesday evening");
    });
  } finally {
    await browser.close();
  }
});

/** Where a project finds the commands of what it borrows. */
function withTools(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`, PORT: "0" };
}

/** Runs a command that serves, ends it when `use` is through, and resolves with its exit code. */
async function serving(
  command: string,
  args: readonly string[],
  cwd: string,
  use: (url: string) => Promise<void>,
): Promise<number | null> {
  const server = spawn(command, args, { cwd, env: withTools(), stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => server.once("exit", resolve));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = "";
      server.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const found = /Serving on (\S+)/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
      void ended.then((code) => reject(new Error(`ended with ${String(code)}: ${output}`)));
    });
    await use(url);
  } finally {
    server.kill("SIGTERM");
  }
  return ended;
}
