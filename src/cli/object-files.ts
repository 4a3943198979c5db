import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadSqlite } from "./sqlite.ts";

/** An object's own file is named by its id; workerd keeps others beside them. */
const OBJECT_FILE = /^[0-9a-f]{64}\.sqlite$/;
/** A database of SQLite with nothing in it is one page of this size, as workerd makes it. */
const EMPTY_BYTES = 4096;
/** Where the number of entries in a database's schema is: in the header of its first page, which follows 100 bytes. */
const SCHEMA_CELLS = { at: 103, bytes: 2 };

export interface Tidied {
  /** Databases whose log was written into the database file. */
  readonly checkpointed: number;
  /** Files of objects that had never stored anything. */
  readonly removed: number;
  /** Databases whose log still stands beside them: the time was up, or SQLite refused. */
  readonly left: number;
}

/**
 * Writes the log of every database of a data folder into the database itself, so that a copy of the `.sqlite` files is
 * whole; and removes the files of objects that never stored anything, which workerd makes for every object that is
 * addressed. No workerd may run on the folder. Begins nothing new after `limitMs`: what is left stays valid.
 */
export function tidyObjectFiles(dataDir: string, limitMs: number): Tidied {
  const until = performance.now() + limitMs;
  const tidied = { checkpointed: 0, removed: 0, left: 0 };
  for (const { folder, name } of databases(dataDir)) {
    const path = join(folder, name);
    if (sizeOf(`${path}-wal`) > 0) {
      if (performance.now() < until && checkpoint(path)) tidied.checkpointed += 1;
      else tidied.left += 1;
    }
    if (OBJECT_FILE.test(name) && performance.now() < until && removeIfEmpty(path)) tidied.removed += 1;
  }
  return tidied;
}

function* databases(dataDir: string): Generator<{ readonly folder: string; readonly name: string }> {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".sqlite")) yield { folder: entry.parentPath, name: entry.name };
  }
}

/** False when SQLite refuses: the log stays, and workerd reads it as before. */
function checkpoint(path: string): boolean {
  const { DatabaseSync } = loadSqlite();
  try {
    const database = new DatabaseSync(path);
    try {
      database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    } finally {
      // The last connection removes the log and its index.
      database.close();
    }
    return sizeOf(`${path}-wal`) === 0;
  } catch {
    return false;
  }
}

function removeIfEmpty(path: string): boolean {
  if (sizeOf(`${path}-wal`) > 0 || sizeOf(path) !== EMPTY_BYTES || !isBlank(path)) return false;
  for (const suffix of ["-wal", "-shm", ""]) rmSync(`${path}${suffix}`, { force: true });
  return true;
}

/** Whether the file of a database, without its log, holds nothing, or is not there. */
export function isBlank(path: string): boolean {
  const size = sizeOf(path);
  return size === 0 || (size === EMPTY_BYTES && schemaCells(path) === 0);
}

function schemaCells(path: string): number {
  const bytes = Buffer.alloc(SCHEMA_CELLS.bytes);
  const file = openSync(path, "r");
  try {
    return readSync(file, bytes, 0, bytes.length, SCHEMA_CELLS.at) === bytes.length ? bytes.readUInt16BE() : -1;
  } finally {
    closeSync(file);
  }
}

/** 0 for a file that is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
