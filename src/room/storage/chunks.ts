import { wellFormedJson } from "../../kinds/json/well-formed.ts";
import type { Sql } from "../host/host.ts";

/**
 * Long texts (checkpoints, saved versions) in pieces under the platform's 2 MB a row. A piece of half
 * a million UTF-16 units is at most 1.5 MB of UTF-8.
 */
const PIECE = 500_000;

export class Chunks {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Replaces what `owner` holds. */
  write(owner: string, text: string): void {
    let n = 0;
    for (const piece of pieces(text)) {
      this.#sql.exec("INSERT OR REPLACE INTO chunks (owner, n, body) VALUES (?, ?, ?)", owner, n, piece);
      n += 1;
    }
    this.#sql.exec("DELETE FROM chunks WHERE owner = ? AND n >= ?", owner, n);
  }

  /** Lone surrogates, which earlier versions stored as they came, are replaced: all texts here are JSON. */
  read(owner: string): string | undefined {
    const rows = this.#sql
      .exec<{ body: string }>("SELECT body FROM chunks WHERE owner = ? ORDER BY n", owner)
      .toArray();
    return rows.length === 0 ? undefined : wellFormedJson(rows.map((row) => row.body).join(""));
  }

  remove(owner: string): void {
    this.#sql.exec("DELETE FROM chunks WHERE owner = ?", owner);
  }
}

function* pieces(text: string): Generator<string> {
  if (text.length <= PIECE) {
    yield text;
    return;
  }
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + PIECE, text.length);
    // Half a surrogate pair is not valid UTF-8 and would come back as another character.
    const unit = text.charCodeAt(end - 1);
    if (end < text.length && unit >= 0xd800 && unit <= 0xdbff) end -= 1;
    yield text.slice(start, end);
    start = end;
  }
}
