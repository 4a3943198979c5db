import { readdirSync, renameSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "./failure.ts";
import { readLogRecord } from "./log-record.ts";
import { isBlank, sizeOf } from "./object-files.ts";

/** Files that a message names; of the others it gives the number. */
const NAMED_FILES = 3;

/** Files that the databases of a data folder need, and that are gone. Paths from the data folder. */
export interface LostFiles {
  /** Logs without which a database is empty. */
  readonly logs: readonly string[];
  /** Logs without which a database is as old as its last checkpoint. */
  readonly latest: readonly string[];
  /** Databases whose log is still there. SQLite would throw the log away. */
  readonly databases: readonly string[];
}

/**
 * Compares a data folder with what the last server on it recorded. Besides, an index (`-shm`) of an empty database shows that it
 * had a log. No workerd may run on the folder.
 */
export function findLostFiles(dataDir: string): LostFiles {
  const logs = new Set<string>();
  const latest: string[] = [];
  const databases: string[] = [];
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    const [, name, suffix] = /^(.*\.sqlite)-(wal|shm)$/.exec(entry.name) ?? [];
    if (name === undefined || !entry.isFile()) continue;
    const path = join(entry.parentPath, name);
    const found = statSync(path, { throwIfNoEntry: false }) !== undefined;
    if (suffix === "wal" && !found && sizeOf(`${path}-wal`) > 0) databases.push(relative(dataDir, path));
    const hasLog = statSync(`${path}-wal`, { throwIfNoEntry: false }) !== undefined;
    if (suffix === "shm" && found && !hasLog && isBlank(path)) logs.add(`${relative(dataDir, path)}-wal`);
  }
  for (const [name, recorded] of Object.entries(readLogRecord(dataDir))) {
    const path = join(dataDir, name);
    if (sizeOf(`${path}-wal`) > 0) continue;
    const database = statSync(path, { throwIfNoEntry: false });
    if (isBlank(path)) logs.add(`${name}-wal`);
    else if (database?.size === recorded.size && database.mtimeMs === recorded.modifiedAt) latest.push(`${name}-wal`);
  }
  return { logs: [...logs], latest, databases };
}

/**
 * Throws a Failure when rooms would be empty for want of a file. With `accept` it goes on without: logs without a
 * database are kept under another name. Reports what is only older.
 */
export function assertNothingLost(dataDir: string, accept: boolean, report: (line: string) => void): void {
  const { logs, latest, databases } = findLostFiles(dataDir);
  const missing = [...logs, ...databases];
  if (missing.length > 0 && !accept) {
    throw new Failure(
      `The data folder ${dataDir} lacks ${list(missing)}: what is stored there would be empty. A database is its .sqlite file and ` +
        "the -wal file beside it: put back both, from the same copy. To go on without, start once with --accept-data-loss.",
    );
  }
  if (missing.length > 0) report(`going on without ${list(missing)}.`);
  if (latest.length > 0) {
    report(
      `${list(latest)} may have been lost: what was stored last before the server ended so suddenly may be missing.`,
    );
  }
  for (const name of databases) renameSync(join(dataDir, `${name}-wal`), join(dataDir, `${name}-wal.lost`));
}

function list(files: readonly string[]): string {
  const named = files.slice(0, NAMED_FILES).join(", ");
  return files.length > NAMED_FILES ? `${named} and ${files.length - NAMED_FILES} more files` : named;
}
