/**
 * The tables of the counts. A site is a stream: its id. Times are whole minutes, hours or days since 1970, by the
 * clock of the stream's room.
 */
export const TABLES: readonly string[] = [
  // How far each stream is counted. It moves in the same transaction as the counts, or neither does.
  `CREATE TABLE IF NOT EXISTS progress (
     stream TEXT NOT NULL,
     epoch TEXT NOT NULL,
     last INTEGER NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (stream, epoch)
   ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS counts (
     site TEXT NOT NULL,
     minute INTEGER NOT NULL,
     type TEXT NOT NULL,
     page TEXT NOT NULL,
     events INTEGER NOT NULL,
     PRIMARY KEY (site, minute, type, page)
   ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS visits (
     site TEXT NOT NULL,
     unit INTEGER NOT NULL,
     start INTEGER NOT NULL,
     visitors INTEGER NOT NULL,
     PRIMARY KEY (site, unit, start)
   ) WITHOUT ROWID`,
  // Who has been counted in visits already. Pruned after two days: the hashes are of no use by then.
  `CREATE TABLE IF NOT EXISTS visitors (
     site TEXT NOT NULL,
     unit INTEGER NOT NULL,
     start INTEGER NOT NULL,
     visitor TEXT NOT NULL,
     PRIMARY KEY (site, unit, start, visitor)
   ) WITHOUT ROWID`,
  // Counting what was really inserted, rather than the rows that are there, lets those be pruned at any time.
  `CREATE TRIGGER IF NOT EXISTS visits_count AFTER INSERT ON visitors BEGIN
     INSERT INTO visits (site, unit, start, visitors) VALUES (new.site, new.unit, new.start, 1)
     ON CONFLICT (site, unit, start) DO UPDATE SET visitors = visitors + 1;
   END`,
];

const prepared = new WeakSet<D1Database>();

/** Makes the tables where they are not there yet; asks once for each database that this isolate was given. */
export async function prepare(db: D1Database): Promise<void> {
  if (prepared.has(db)) return;
  await db.batch(TABLES.map((table) => db.prepare(table)));
  prepared.add(db);
}
