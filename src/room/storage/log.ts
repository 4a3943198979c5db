import { wellFormedJson } from "../../kinds/json/well-formed.ts";
import { utf8Length } from "../bytes.ts";
import type { Sql, SqlValue } from "../host/host.ts";

/** One flush: ops `first` to `last`, committed together. */
export interface LogRow {
  readonly first: number;
  readonly last: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Bytes of all bodies ever logged in this epoch, this one included, and of what amendments have added to them. */
  readonly total: number;
  readonly kindVersion: number;
  /** The `ops` message exactly as clients get it, so that catching up is reading. */
  readonly body: string;
  /** Clients that wrote for the first time, as JSON `[[client, by], …]`: secret, so beside the body. */
  readonly bindings: string | null;
}

/** What is past any of these may go. */
export interface TrimBounds {
  readonly upToSeq: number;
  readonly upToTotal: number;
  readonly upToAt: number;
}

type Stored = Omit<LogRow, "kindVersion"> & { readonly kind_version: number } & Record<string, SqlValue>;

/** The ordered log of a room. A row is a whole flush, and is divided only where amendments make it too large. */
export class Log {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  append(row: LogRow): void {
    this.#sql.exec(
      "INSERT INTO log (first, last, at, total, kind_version, body, bindings) VALUES (?, ?, ?, ?, ?, ?, ?)",
      row.first,
      row.last,
      row.at,
      row.total,
      row.kindVersion,
      row.body,
      row.bindings,
    );
  }

  /** The oldest row that is still there; `before` is the running total just before it. */
  oldest(): { readonly first: number; readonly at: number; readonly before: number } | undefined {
    const [row] = this.#sql
      .exec<{ first: number; at: number; before: number }>(
        "SELECT first, at, total - length(CAST(body AS BLOB)) AS before FROM log ORDER BY first LIMIT 1",
      )
      .toArray();
    return row;
  }

  /** Rows that hold ops after `seq`, oldest first, read as they are taken. The first may begin at or before `seq`. */
  *after(seq: number): Generator<LogRow> {
    const rows = this.#sql.exec<Stored>(
      "SELECT * FROM log WHERE first >= coalesce((SELECT max(first) FROM log WHERE first <= ?), 0) AND last > ? ORDER BY first",
      seq + 1,
      seq,
    );
    for (const row of rows) yield readRow(row);
  }

  /** Rows that hold ops before `seq`, newest first, read as they are taken. The first may end at or after `seq`. */
  *before(seq: number): Generator<LogRow> {
    const rows = this.#sql.exec<Stored>("SELECT * FROM log WHERE first < ? ORDER BY first DESC", seq);
    for (const row of rows) yield readRow(row);
  }

  /** The row that holds op `seq`, if it is still there. */
  rowOf(seq: number): LogRow | undefined {
    for (const row of this.before(seq + 1)) return row.last >= seq ? row : undefined;
    return undefined;
  }

  /**
   * The first op that was committed at `at` (milliseconds since 1970) or later; undefined when there is none. Times
   * never go back, so it is found by halving: about twenty look-ups in a log of a million rows, and no index.
   */
  seqAt(at: number): number | undefined {
    // One by one: SQLite finds either end at once, and reads the whole table for both.
    const ends = this.#sql
      .exec<{ low: number | null; high: number | null }>(
        "SELECT (SELECT min(first) FROM log) AS low, (SELECT max(first) FROM log) AS high",
      )
      .one();
    if (ends.low === null || ends.high === null) return undefined;
    let [low, high] = [ends.low, ends.high];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#timeOf("first <= ? ORDER BY first DESC", middle);
      if (row !== undefined && row.at >= at) high = row.first;
      else low = this.#timeOf("first > ? ORDER BY first", middle)?.first ?? high;
    }
    const found = this.#timeOf("first = ?", low);
    return found === undefined || found.at < at ? undefined : found.first;
  }

  #timeOf(where: string, seq: number): { readonly first: number; readonly at: number } | undefined {
    const [row] = this.#sql
      .exec<{ first: number; at: number }>(`SELECT first, at FROM log WHERE ${where} LIMIT 1`, seq)
      .toArray();
    return row;
  }

  /** Puts rows in the place of one: they hold its ops, as they read now, under the same numbers. */
  rewrite(row: LogRow, [head, ...rest]: readonly Pick<LogRow, "first" | "last" | "body">[], kindVersion: number): void {
    if (head === undefined) return;
    // What the row added to the running total is divided among the rows, so that it never goes down along the log.
    const before = row.first === 1 ? 0 : (this.rowOf(row.first - 1)?.total ?? row.total - utf8Length(row.body));
    const whole = rest.reduce((sum, { body }) => sum + body.length, head.body.length);
    let units = head.body.length;
    const totalSoFar = (): number => Math.max(0, Math.round(before + ((row.total - before) * units) / whole));
    this.#sql.exec(
      "UPDATE log SET last = ?, total = ?, body = ?, kind_version = ? WHERE first = ?",
      head.last,
      totalSoFar(),
      head.body,
      kindVersion,
      head.first,
    );
    for (const { first, last, body } of rest) {
      units += body.length;
      this.append({ first, last, at: row.at, total: totalSoFar(), kindVersion, body, bindings: null });
    }
  }

  /** `total` as it was when op `seq`, which must still be there, was the newest (the end of its row). */
  totalAt(seq: number): number {
    return this.#sql
      .exec<{ total: number }>("SELECT total FROM log WHERE first <= ? ORDER BY first DESC LIMIT 1", seq)
      .one().total;
  }

  /**
   * Drops whole rows from the front: those up to any of the bounds, but never one after `keepAfter`, which a wake still
   * needs.
   */
  trim(bounds: TrimBounds, keepAfter: number): void {
    this.#sql.exec("DELETE FROM log WHERE first < ?", this.firstToStay(bounds, keepAfter));
  }

  /**
   * The number of the first op that `trim` would leave; of the next one to be written where it would leave none. Reads
   * the rows that would go and one more: numbers, totals and times never go down along the log, so those are a prefix.
   */
  firstToStay({ upToSeq, upToTotal, upToAt }: TrimBounds, keepAfter: number): number {
    const { first } = this.#sql
      .exec<{ first: number }>(
        `SELECT coalesce(
           (SELECT first FROM log WHERE last > ? OR (last > ? AND total > ? AND at > ?) ORDER BY first LIMIT 1),
           (SELECT last + 1 FROM log ORDER BY first DESC LIMIT 1),
           1
         ) AS first`,
        keepAfter,
        upToSeq,
        upToTotal,
        upToAt,
      )
      .one();
    return first;
  }

  clear(): void {
    this.#sql.exec("DELETE FROM log");
  }
}

/** Earlier versions stored lone surrogates as they came; nobody is sent them. */
function readRow({ kind_version: kindVersion, ...row }: Stored): LogRow {
  return { ...row, kindVersion, body: wellFormedJson(row.body) };
}
