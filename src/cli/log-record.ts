import {
  type Dirent,
  type FSWatcher,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** In the data folder: the databases that had a log when a server last looked. */
const RECORD_FILE = "roomcast.logs.json";
/** Below the data folder, databases are in folders of folders: `do/app-Rooms/`. Stored objects are deeper, and many. */
const FOLDER_DEPTH = 2;
/** From a change to looking again, so that files that are made together are seen together. */
const SETTLE_MS = 10;
/** Between two looks at a busy folder; and this many times as long as a look takes. */
const PAUSE_MS = 250;
const PAUSE_FACTOR = 50;

/** The file of a database as it was while it had a log. */
export interface RecordedDatabase {
  readonly size: number;
  readonly modifiedAt: number;
}

/** By the path of the database, from the data folder. */
export type LogRecord = Readonly<Record<string, RecordedDatabase>>;

/** What the last server on this folder left. Empty when there is none, or none that can be read. */
export function readLogRecord(dataDir: string): LogRecord {
  try {
    const record: unknown = JSON.parse(readFileSync(join(dataDir, RECORD_FILE), "utf8"));
    return Object.fromEntries(Object.entries(record ?? {}).filter(isRecorded));
  } catch {
    return {};
  }
}

function isRecorded(entry: [string, unknown]): entry is [string, RecordedDatabase] {
  const [, value] = entry;
  return typeof value === "object" && value !== null && "size" in value && "modifiedAt" in value;
}

/**
 * Keeps a record of the databases that have a log, so that a later start notices when one is missing. Looks when files
 * change, and not at all while nothing does; a log that is made within a moment of a crash may not be on record.
 */
export class LogRecorder {
  readonly #dataDir: string;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;
  #written: string | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#stopped = this.#run();
  }

  /** Stops watching. Databases that are changed afterwards need another `update`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }

  /** Records the logs that there are now. */
  update(): void {
    const logs = findLogs(this.#dataDir);
    const text = JSON.stringify(logs);
    if (text === this.#written) return;
    const file = join(this.#dataDir, RECORD_FILE);
    try {
      if (Object.keys(logs).length === 0) rmSync(file, { force: true });
      else {
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
      }
      this.#written = text;
    } catch {
      // A full disk, for example. The next look tries again, and rooms do not depend on it.
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const pause = (milliseconds: number) =>
      sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
    while (!signal.aborted) {
      const changed = watchOnce(folders(this.#dataDir), signal);
      const before = performance.now();
      this.update();
      const took = performance.now() - before;
      await changed;
      await pause(SETTLE_MS);
      if (signal.aborted) return;
      this.update();
      await pause(Math.max(PAUSE_MS, took * PAUSE_FACTOR));
    }
  }
}

/** Settles at the first change in any of these folders. Watches no longer than that: a busy room changes its log all the time. */
function watchOnce(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const watchers: FSWatcher[] = [];
  return new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    for (const path of paths) {
      try {
        watchers.push(watch(path, { persistent: false }, () => resolve()).on("error", () => resolve()));
      } catch {
        // The system has no more watches, or the folder is gone: look again after a pause.
        resolve();
      }
    }
  }).finally(() => watchers.forEach((watcher) => watcher.close()));
}

/** The data folder, and those in it in which databases are. */
function folders(dataDir: string): readonly string[] {
  const found = [dataDir];
  let level = [dataDir];
  for (let depth = 0; depth < FOLDER_DEPTH; depth += 1) {
    level = level.flatMap((path) =>
      entriesOf(path).flatMap((entry) => (entry.isDirectory() ? [join(path, entry.name)] : [])),
    );
    found.push(...level);
  }
  return found;
}

function findLogs(dataDir: string): LogRecord {
  const logs: Record<string, RecordedDatabase> = {};
  for (const folder of folders(dataDir)) {
    for (const { name } of entriesOf(folder)) {
      if (!name.endsWith(".sqlite-wal")) continue;
      const path = join(folder, name.slice(0, -"-wal".length));
      const database = statSync(path, { throwIfNoEntry: false });
      const log = statSync(join(folder, name), { throwIfNoEntry: false });
      if (database === undefined || log === undefined || log.size === 0) continue;
      logs[path.slice(dataDir.length + 1)] = { size: database.size, modifiedAt: database.mtimeMs };
    }
  }
  return logs;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Removed since it was listed.
    return [];
  }
}
