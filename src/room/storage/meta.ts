import type { Sql } from "../host/host.ts";

/** Single facts about a room, by key. */
export class Meta {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(key: string): string | undefined {
    const [row] = this.#sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = ?", key).toArray();
    return row?.value;
  }

  set(key: string, value: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
  }

  remove(key: string): void {
    this.#sql.exec("DELETE FROM meta WHERE key = ?", key);
  }
}
