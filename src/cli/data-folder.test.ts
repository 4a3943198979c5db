import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataFolder } from "./data-folder.ts";

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "roomcast-data-"));
});

afterEach(() => rm(parent, { recursive: true, force: true }));

test("one process has a data folder to itself, until it lets go", async () => {
  const path = join(parent, "a/b");
  const folder = await openDataFolder(path);
  await expect(openDataFolder(path)).rejects.toThrow(
    `The data folder ${path} is in use by another server (process ${process.pid}).`,
  );
  folder.release();
  (await openDataFolder(path)).release();
});

test("a lock does not outlive its process, however that ended", async () => {
  const module = join(import.meta.dirname, "data-folder.ts");
  const script = `const { openDataFolder } = await import(${JSON.stringify(module)});
    await openDataFolder(${JSON.stringify(parent)});
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await expect(openDataFolder(parent)).rejects.toThrow(`(process ${child.pid})`);
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  (await openDataFolder(parent)).release();
});

test("a folder that cannot hold data is named, with the reason and the remedy", async () => {
  const file = join(parent, "file");
  await writeFile(file, "in the way");
  for (const path of [file, join(file, "below")]) {
    await expect(openDataFolder(path)).rejects.toThrow(
      `The data folder ${path} cannot hold data: a file is in its place or above it. Choose another with --data-dir or DATA_DIR.`,
    );
  }
  await expect(openDataFolder("/proc/roomcast")).rejects.toThrow(
    /^The data folder \/proc\/roomcast cannot hold data: /,
  );
});
