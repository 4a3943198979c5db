import { DocumentRoom } from "../../src/server.ts";
import type { Counts } from "./counts.ts";
import { FeedRoom } from "./feed.ts";
import { SqlRoom } from "./tutorial-sql.ts";

/**
 * The rooms again, with every SQL statement's `rowsWritten` added up. Classes of their own, so that
 * the counting costs the timed rooms nothing.
 */
export class Counter {
  readonly #cursors: { readonly isLog: boolean; readonly cursor: { readonly rowsWritten: number } }[] = [];
  // Held so that the patched object is not collected and made anew without the patch.
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const exec = sql.exec.bind(sql);
    const counted: SqlStorage["exec"] = (query, ...bindings) => {
      const cursor = exec<Record<string, SqlStorageValue>>(query, ...bindings);
      this.#cursors.push({ isLog: /^INSERT INTO (log|messages)\b/.test(query), cursor });
      // The caller's own row type, which this wrapper cannot know.
      return cursor as ReturnType<typeof exec<never>>;
    };
    Object.defineProperty(this.#sql, "exec", { value: counted });
  }

  counts(): Counts {
    let rowsWritten = 0;
    let logRows = 0;
    for (const { isLog, cursor } of this.#cursors) {
      rowsWritten += cursor.rowsWritten;
      if (isLog) logRows += cursor.rowsWritten;
    }
    return { rowsWritten, logRows };
  }
}

export class CountedFeedRoom extends FeedRoom {
  readonly #counter = new Counter(this.ctx.storage.sql);

  async counts(): Promise<Counts> {
    return this.#counter.counts();
  }
}

export class CountedDocumentRoom extends DocumentRoom {
  readonly #counter = new Counter(this.ctx.storage.sql);

  async counts(): Promise<Counts> {
    return this.#counter.counts();
  }
}

export class CountedSqlRoom extends SqlRoom {
  readonly #counter = new Counter(this.ctx.storage.sql);

  async counts(): Promise<Counts> {
    return this.#counter.counts();
  }
}
