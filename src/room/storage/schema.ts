import type { Sql } from "../host/host.ts";

/**
 * The tables of a room, as steps: a room that was stored by older code is brought up step by step,
 * a new one runs them all. Steps are never edited once released; new ones are added.
 */
const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
    // One row a flush, keyed by its rowid: no index beside it, so an insert is billed as one row.
    // `total` is the running sum of body sizes, so that the size of any tail costs two look-ups.
    `CREATE TABLE log (
       first INTEGER PRIMARY KEY,
       last INTEGER NOT NULL,
       at INTEGER NOT NULL,
       total INTEGER NOT NULL,
       kind_version INTEGER NOT NULL,
       body TEXT NOT NULL,
       bindings TEXT
     )`,
    `CREATE TABLE chunks (
       owner TEXT NOT NULL,
       n INTEGER NOT NULL,
       body TEXT NOT NULL,
       PRIMARY KEY (owner, n)
     ) WITHOUT ROWID`,
    `CREATE TABLE versions (
       name TEXT PRIMARY KEY,
       saved_at INTEGER NOT NULL,
       version TEXT NOT NULL,
       kind_version INTEGER NOT NULL,
       bytes INTEGER NOT NULL,
       by TEXT
     ) WITHOUT ROWID`,
    `CREATE TABLE alarms (task TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID`,
  ],
  [
    // What stands in the archive: one row an object.
    `CREATE TABLE segments (
       first INTEGER PRIMARY KEY,
       last INTEGER NOT NULL,
       since INTEGER NOT NULL,
       until INTEGER NOT NULL,
       units INTEGER NOT NULL
     )`,
  ],
];

/** The version that a new room is stored with. */
export const SCHEMA = STEPS.length;

/** Whether this object has ever stored a room. Looking does not make it store one. */
export function isBorn(sql: Sql): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").toArray().length > 0;
}

/** Brings the tables up to date; a room stored by newer code is refused rather than damaged. */
export function migrateSchema(sql: Sql, steps: readonly (readonly string[])[] = STEPS): void {
  const at = isBorn(sql) ? storedVersion(sql) : 0;
  if (at > steps.length) {
    throw new Error(`This room was stored with schema ${at}; this code knows up to ${steps.length}.`);
  }
  if (at === steps.length) return;
  for (const step of steps.slice(at)) {
    for (const statement of step) sql.exec(statement);
  }
  sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)", String(steps.length));
}

function storedVersion(sql: Sql): number {
  const [row] = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'").toArray();
  return row === undefined ? 0 : Number(row.value);
}
