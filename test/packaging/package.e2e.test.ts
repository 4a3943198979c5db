import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);
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
  if (project !== undefined) await rm(project, { recursive: true, force: true });
});

/** Gives the project a development dependency that is installed here, without the download. */
async function borrow(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const target = join(project, "node_modules", name);
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
    "hono",
    "roomcast",
    "saxes",
    "valibot",
    "xmlchars",
  ]);
});

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

test("the client in Node talks to the Worker that roomcast start serves", async () => {
  await borrow("wrangler");
  const server = spawn(process.execPath, [roomcast(), "start", "--port", "0"], {
    cwd: project,
    stdio: ["ignore", "pipe", "inherit"],
  });
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
    const { stdout } = await run(process.execPath, ["client.ts", url], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ value: { title: "packed", count: 2 }, refused: true });
  } finally {
    server.kill("SIGTERM");
  }
  expect(await ended).toBe(0);
});
