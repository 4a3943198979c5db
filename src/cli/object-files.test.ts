import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tidyObjectFiles } from "./object-files.ts";

let folder: string;
let objects: string;
let id = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomcast-files-"));
  objects = join(folder, "do/app-Rooms");
  await mkdir(objects, { recursive: true });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The files of an object as a killed workerd leaves them, its log not written into the database. */
async function leave(work: (database: DatabaseSync) => void, name?: string): Promise<string> {
  id += 1;
  const path = join(objects, name ?? `${String(id).padStart(64, "0")}.sqlite`);
  const live = join(folder, "live");
  const database = new DatabaseSync(live);
  database.exec("PRAGMA journal_mode = WAL");
  work(database);
  await copyFile(live, path);
  await copyFile(`${live}-wal`, `${path}-wal`).catch(() => writeFile(`${path}-wal`, ""));
  database.close();
  for (const suffix of ["", "-wal", "-shm"]) await rm(`${live}${suffix}`, { force: true });
  return path;
}

const write = (database: DatabaseSync): void => database.exec("CREATE TABLE log (n); INSERT INTO log VALUES (1)");

test("the log of a database is written into it, so that its file alone is whole", async () => {
  const path = await leave(write);
  expect(tidyObjectFiles(folder, 10_000)).toEqual({ checkpointed: 1, removed: 0, left: 0 });
  expect(await readdir(objects)).toEqual([path.slice(objects.length + 1)]);
  const database = new DatabaseSync(path);
  expect(database.prepare("SELECT n FROM log").get()).toEqual({ n: 1 });
  database.close();
});

test("files of objects that never stored anything are removed, all others stay", async () => {
  await leave(() => {});
  const kept = await leave(write);
  // Emptied, but written once: what it knows may be in its own file.
  const emptied = await leave((database) => database.exec("CREATE TABLE log (n)"));
  const other = await leave(() => {}, "metadata.sqlite");
  expect(tidyObjectFiles(folder, 10_000)).toMatchObject({ removed: 1, left: 0 });
  const left = (await readdir(objects)).filter((name) => name.endsWith(".sqlite"));
  expect(left.toSorted()).toEqual([kept, emptied, other].map((path) => path.slice(objects.length + 1)).toSorted());
});

test("when its time is up, it leaves logs and files as they are", async () => {
  await leave(write);
  await leave(() => {});
  const before = await readdir(objects);
  expect(tidyObjectFiles(folder, 0)).toEqual({ checkpointed: 0, removed: 0, left: 1 });
  expect(await readdir(objects)).toEqual(before);
});

test("a file that is not a database stays as it is", async () => {
  const path = join(objects, `${"f".repeat(64)}.sqlite`);
  await writeFile(path, "x".repeat(4096));
  await writeFile(`${path}-wal`, "not a log");
  expect(tidyObjectFiles(folder, 10_000)).toEqual({ checkpointed: 0, removed: 0, left: 1 });
});
