import type { Pointer } from "../room/archive/pointer.ts";
import type { CountedPage, CountedRoom } from "./counted-room.ts";
import { prepare } from "./schema.ts";
import { Tally, UNIT_NAMES, UNITS, type Logged } from "./tally.ts";

/** Events are added up until there are so many, then written: one transaction each. */
const CHUNK = 5_000;

/** The most that a room answers at once. */
const PAGE = 1_000;

/** Visitors' hashes stay so long after the newest event of their site, in minutes. */
const VISITOR_MINUTES = 2 * 24 * 60;

interface Mark {
  readonly stream: string;
  readonly epoch: string;
  /** What the transaction goes on from: when it is another one by then, nothing is written. */
  readonly from: number;
  readonly last: number;
  /** When the last of them was logged. */
  readonly at: number;
}

/**
 * Counts a stream's events up to `pointer.last`, from wherever counting has got to: messages may be lost, come late
 * or come twice. What the room has dropped for good, and what a clear has taken away, is passed over. Throws when
 * the room or the database fails; what was written by then is counted, and stays so.
 */
export async function countEvents(db: D1Database, room: CountedRoom, pointer: Pointer): Promise<void> {
  const { stream, epoch } = pointer;
  await prepare(db);
  let counted = await progress(db, stream, epoch);
  while (counted < pointer.last) {
    const chunk = await gather(room, epoch, counted, pointer.last);
    if (chunk === undefined) return;
    const mark = { stream, epoch, from: counted, last: chunk.last, at: chunk.at };
    counted = (await write(db, chunk.tally, mark)) ? chunk.last : await progress(db, stream, epoch);
  }
  await room.counted(epoch, counted);
}

async function progress(db: D1Database, stream: string, epoch: string): Promise<number> {
  const found = await db
    .prepare("SELECT last FROM progress WHERE stream = ? AND epoch = ?")
    .bind(stream, epoch)
    .first<number>("last");
  return found ?? 0;
}

interface Chunk {
  readonly tally: Tally;
  readonly last: number;
  readonly at: number;
}

/** The sums of the next events; undefined when the room has none of this epoch. */
async function gather(room: CountedRoom, epoch: string, after: number, upTo: number): Promise<Chunk | undefined> {
  const tally = new Tally();
  let last = after;
  let at = 0;
  while (last < upTo && tally.events < CHUNK) {
    const page = await read(room, last + 1);
    if (page.epoch !== epoch) break;
    last = Math.max(last, page.oldest - 1);
    if (page.runs.length === 0) break;
    for (const run of page.runs) {
      let seq = run.seq;
      at = run.at;
      for (const { ops } of run.entries) {
        for (const op of ops) {
          // Pages are whole runs, and may begin before what was asked for.
          const event = seq > Math.max(last, page.inherited ?? 0) ? eventOf(op) : undefined;
          if (event !== undefined) tally.add(run.at, event);
          last = Math.max(last, seq);
          seq += 1;
        }
      }
    }
  }
  return last === after ? undefined : { tally, last, at };
}

async function read(room: CountedRoom, from: number): Promise<CountedPage> {
  let page = await room.history({ from, limit: PAGE });
  // Dropped before it was counted: counting goes on with what is left.
  if ("code" in page && page.code === "gone") page = await room.history({ limit: PAGE });
  if ("code" in page) throw new Error(`${page.code}: ${page.message}`);
  return page;
}

/** Undefined for what is no event: a mark of the Durable Streams protocol, or bytes. */
function eventOf(op: unknown): Logged | undefined {
  if (typeof op !== "object" || op === null || !("event" in op)) return undefined;
  const { event } = op;
  return typeof event === "object" && event !== null && "data" in event ? (event as Logged) : undefined;
}

/**
 * Writes the sums and moves the mark, in one transaction. False: somebody else has moved it, and nothing is written.
 * The mark must not be NULL, so setting it to NULL where it is not the expected one undoes the whole transaction.
 */
async function write(db: D1Database, tally: Tally, { stream, epoch, from, last, at }: Mark): Promise<boolean> {
  const statements = [
    db.prepare("INSERT INTO progress VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING").bind(stream, epoch),
    db
      .prepare("UPDATE progress SET last = CASE last WHEN ? THEN ? END, at = max(at, ?) WHERE stream = ? AND epoch = ?")
      .bind(from, last, at, stream, epoch),
    db
      .prepare(
        `INSERT INTO counts (site, minute, type, page, events)
         SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?2) WHERE true
         ON CONFLICT DO UPDATE SET events = events + excluded.events`,
      )
      .bind(stream, JSON.stringify(tally.counts())),
  ];
  const seen = tally.seen();
  if (seen.length > 0) {
    statements.push(
      db
        .prepare(
          `INSERT INTO visitors (site, unit, start, visitor)
           SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2) WHERE true
           ON CONFLICT DO NOTHING`,
        )
        .bind(stream, JSON.stringify(seen)),
      // Times of one stream never go back: nothing older than this comes again.
      ...UNIT_NAMES.map((name, unit) => {
        const before = Math.floor((at / 60_000 - VISITOR_MINUTES) / UNITS[name]);
        return db.prepare("DELETE FROM visitors WHERE site = ? AND unit = ? AND start < ?").bind(stream, unit, before);
      }),
    );
  }
  try {
    await db.batch(statements);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes("NOT NULL constraint failed: progress.last")) return false;
    throw error;
  }
}
