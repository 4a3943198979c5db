import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import { Failure } from "./failure.ts";
import { loadSqlite } from "./sqlite.ts";

/** Held by the server that uses the folder. A SQLite file, because SQLite brings real locks of every system. */
const LOCK_FILE = "roomcast.lock";
const SCRATCH = "tmp";
/** A server that is just stopping gets this many times this long to let go of the folder. */
const LOCK_TRIES = 5;
const LOCK_PAUSE_MS = 200;
const SQLITE_BUSY = 5;

/** The folder in which a server keeps its data, held by this process alone. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** A folder in it for what need not outlive this process; empty at first. */
  readonly scratch: string;
  /** Lets another server use the folder. */
  release(): void;
}

/**
 * Makes the folder where it is missing, and locks it. The system itself drops the lock when this process ends in any
 * way, so nothing stale can block. Throws a Failure when the folder is in use, or cannot hold data.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  assertUsable(path);
  for (let tries = 1; ; tries += 1) {
    const outcome = lock(path);
    if ("release" in outcome) return { path, scratch: scratchIn(path), release: outcome.release };
    if (tries === LOCK_TRIES) throw new Failure(inUse(path, outcome.holder));
    await sleep(LOCK_PAUSE_MS);
  }
}

function assertUsable(path: string): void {
  const probe = join(path, `.roomcast-probe-${process.pid}`);
  try {
    makeFolder(path);
    writeFileSync(probe, "");
    rmSync(probe, { force: true });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** After `kill -9` there may be one of a process that has ended. */
function scratchIn(path: string): string {
  const scratch = join(path, SCRATCH);
  const clear = () => rmSync(scratch, { recursive: true, force: true, maxRetries: 2 });
  try {
    clear();
    mkdirSync(scratch);
  } catch (error) {
    throw unusable(path, error);
  }
  process.on("exit", clear);
  return scratch;
}

/** Node's own recursive `mkdir` never returns where a parent is there but takes no folders, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

type Locked = { readonly release: () => void } | { readonly holder: string };

function lock(path: string): Locked {
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(path, LOCK_FILE));
    // The lock is the write lock of an open transaction. Others can still read who holds it.
    database.exec("BEGIN IMMEDIATE");
    database.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT); DELETE FROM holder");
    database.prepare("INSERT INTO holder VALUES (?, ?)").run(process.pid, hostname());
    // Between these two another may slip in: then it holds the lock, and has written its own pid.
    database.exec("COMMIT");
    database.exec("BEGIN IMMEDIATE");
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    const busy = isBusy(error);
    const holder = busy && database !== undefined ? holderOf(database) : "";
    database?.close();
    if (busy) return { holder };
    throw unusable(path, error);
  }
}

function isBusy(error: unknown): boolean {
  // The low byte is the primary code, the rest says more.
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

function holderOf(database: DatabaseSync): string {
  try {
    const row = database.prepare("SELECT pid, host FROM holder").get();
    if (row === undefined) return "";
    const { pid, host } = row;
    return host === hostname() ? ` (process ${String(pid)})` : ` (process ${String(pid)} on ${String(host)})`;
  } catch {
    // It is writing its own pid right now.
    return "";
  }
}

function inUse(path: string, holder: string): string {
  return (
    `The data folder ${path} is in use by another server${holder}. ` +
    "Stop that one, or choose another folder with --data-dir or DATA_DIR."
  );
}

/** A Failure that names the folder, for what went wrong in it. */
export function unusable(path: string, error: unknown): Failure {
  return new Failure(
    `The data folder ${path} cannot hold data: ${reasonOf(error)}. Choose another with --data-dir or DATA_DIR.`,
  );
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST" || code === "ENOTDIR") return "a file is in its place or above it";
  if (code === "ENOENT" || code === "EINVAL") return "the system does not let files be made there";
  if (code === "EROFS") return "the file system is read-only";
  if (code === "EACCES" || code === "EPERM") return "this user may not write there";
  if (code === "ENOSPC") return "the disk is full";
  return error instanceof Error ? error.message : String(error);
}
