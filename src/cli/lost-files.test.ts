import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogRecorder, readLogRecord } from "./log-record.ts";
import { assertNothingLost, findLostFiles } from "./lost-files.ts";
import { tidyObjectFiles } from "./object-files.ts";

const NOTHING = { logs: [], latest: [], databases: [] };
const NAME = `do/app-Rooms/${"a".repeat(64)}.sqlite`;

let folder: string;
let path: string;
let open: DatabaseSync[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomcast-lost-"));
  path = join(folder, NAME);
  open = [];
  await mkdir(join(folder, "do/app-Rooms"), { recursive: true });
});

afterEach(async () => {
  for (const database of open) database.close();
  await rm(folder, { recursive: true, force: true });
});

function database(): DatabaseSync {
  const opened = new DatabaseSync(path);
  open.push(opened);
  opened.exec("PRAGMA journal_mode = WAL");
  return opened;
}

/** A database that a server wrote, and left without closing it: a copy, since SQLite tidies up when this process closes it. */
async function crash(work: (database: DatabaseSync) => void): Promise<void> {
  const live = database();
  work(live);
  const kept = join(folder, "kept");
  for (const suffix of ["", "-wal"]) await copyFile(`${path}${suffix}`, `${kept}${suffix}`);
  live.close();
  open = [];
  for (const suffix of ["", "-wal"]) await copyFile(`${kept}${suffix}`, `${path}${suffix}`);
  for (const suffix of ["", "-wal"]) await rm(`${kept}${suffix}`);
  await record();
}

async function record(): Promise<void> {
  const recorder = new LogRecorder(folder);
  await recorder.stop();
  recorder.update();
}

const write = (live: DatabaseSync): void => live.exec("CREATE TABLE log (n); INSERT INTO log VALUES (1)");

test("a database whose log is there lacks nothing, nor does one that was closed", async () => {
  await crash(write);
  expect(findLostFiles(folder)).toEqual(NOTHING);
  tidyObjectFiles(folder, 10_000);
  expect(findLostFiles(folder)).toEqual(NOTHING);
  await record();
  expect(readLogRecord(folder)).toEqual({});
  expect(await readdir(folder)).toEqual(["do"]);
});

test("a database that is empty without its log does not start, until it is told to", async () => {
  await crash(write);
  await rm(`${path}-wal`);
  expect(findLostFiles(folder)).toEqual({ ...NOTHING, logs: [`${NAME}-wal`] });
  expect(() => assertNothingLost(folder, false, () => {})).toThrow(
    `The data folder ${folder} lacks ${NAME}-wal: what is stored there would be empty.`,
  );
  const lines: string[] = [];
  assertNothingLost(folder, true, (line) => lines.push(line));
  expect(lines).toEqual([`going on without ${NAME}-wal.`]);
  await record();
  expect(findLostFiles(folder)).toEqual(NOTHING);
});

test("an index beside an empty database shows that its log is missing, also without a record", async () => {
  await crash(write);
  await copyFile(path, `${path}-shm`);
  await rm(join(folder, "roomcast.logs.json"));
  expect(findLostFiles(folder)).toEqual(NOTHING);
  await rm(`${path}-wal`);
  expect(findLostFiles(folder)).toEqual({ ...NOTHING, logs: [`${NAME}-wal`] });
});

test("a log whose database is missing is reported, and is kept when the server goes on without", async () => {
  await crash(write);
  const log = await readFile(`${path}-wal`);
  await rm(path);
  expect(findLostFiles(folder)).toEqual({ ...NOTHING, databases: [NAME] });
  expect(() => assertNothingLost(folder, false, () => {})).toThrow(NAME);
  assertNothingLost(folder, true, () => {});
  expect(await readFile(`${path}-wal.lost`)).toEqual(log);
  await record();
  expect(findLostFiles(folder)).toEqual(NOTHING);
});

test("a database that is older without its log is reported, unless it changed after the log was recorded", async () => {
  await crash((live) => {
    write(live);
    live.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    live.exec("INSERT INTO log VALUES (2)");
  });
  await rm(`${path}-wal`);
  expect(findLostFiles(folder)).toEqual({ ...NOTHING, latest: [`${NAME}-wal`] });
  const lines: string[] = [];
  assertNothingLost(folder, false, (line) => lines.push(line));
  expect(lines).toEqual([expect.stringMatching(/-wal may have been lost/)]);
  // As a checkpoint does it.
  await utimes(path, new Date(), new Date(0));
  expect(findLostFiles(folder)).toEqual(NOTHING);
});

test("a server records a log when it is made, in a folder that is made meanwhile, and forgets it when it is gone", async () => {
  await rm(join(folder, "do"), { recursive: true });
  const recorder = new LogRecorder(folder);
  try {
    await mkdir(join(folder, "do/app-Rooms"), { recursive: true });
    const live = database();
    write(live);
    await expect.poll(() => Object.keys(readLogRecord(folder))).toEqual([NAME]);
    live.close();
    open = [];
    await expect.poll(() => Object.keys(readLogRecord(folder))).toEqual([]);
  } finally {
    await recorder.stop();
  }
});
