import type { Sql, SqlValue } from "../host/host.ts";

/** One object in the archive: ops `first` to `last`. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  /** When the first and the last op were committed, milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  /** Length before it was compressed, in UTF-16 units. */
  readonly units: number;
}

type Stored = Segment & Record<string, SqlValue>;

/** What stands in the archive, in order. An entry is written once its object is there. */
export class Segments {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Notes an object, in the place of an earlier one that began with the same op. */
  set({ first, last, since, until, units }: Segment): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO segments (first, last, since, until, units) VALUES (?, ?, ?, ?, ?)",
      first,
      last,
      since,
      until,
      units,
    );
  }

  oldest(): Segment | undefined {
    return this.#one("SELECT * FROM segments ORDER BY first LIMIT 1");
  }

  newest(): Segment | undefined {
    return this.#one("SELECT * FROM segments ORDER BY first DESC LIMIT 1");
  }

  /** The one that holds op `seq`. */
  holding(seq: number): Segment | undefined {
    const found = this.#one("SELECT * FROM segments WHERE first <= ? ORDER BY first DESC LIMIT 1", seq);
    return found !== undefined && found.last >= seq ? found : undefined;
  }

  /** The first that holds an op committed at `at` or later. Times never go back, so it is found by halving. */
  reaching(at: number): Segment | undefined {
    let low = this.oldest();
    let high = this.newest();
    if (low === undefined || high === undefined || high.until < at) return undefined;
    while (low.until < at) {
      const middle = Math.floor((low.first + high.first) / 2);
      const left: Segment =
        this.#one("SELECT * FROM segments WHERE first <= ? ORDER BY first DESC LIMIT 1", middle) ?? low;
      if (left.until >= at) high = left;
      else low = this.#one("SELECT * FROM segments WHERE first > ? ORDER BY first LIMIT 1", left.first) ?? high;
    }
    return low;
  }

  /** Forgets everything up to op `seq`, of objects that are gone. */
  dropUpTo(seq: number): void {
    this.#sql.exec("DELETE FROM segments WHERE first <= ?", seq);
  }

  clear(): void {
    this.#sql.exec("DELETE FROM segments");
  }

  #one(query: string, ...bindings: readonly number[]): Segment | undefined {
    const [row] = this.#sql.exec<Stored>(query, ...bindings).toArray();
    return row;
  }
}
