import type { Sql } from "../host/host.ts";

/** Single facts about a room, by key. */
export class Meta {
  readonly #sql: Sql;
  readonly #unsaved = new Map<string, string>();

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

  /** Stores a value together with the next write that is accepted: one that is refused leaves nothing behind. */
  setWithNextWrite(key: string, value: string): void {
    this.#unsaved.set(key, value);
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0;
  }

  /** Within the transaction of a write; `clearUnsaved` follows once it is committed. */
  saveUnsaved(): void {
    for (const [key, value] of this.#unsaved) this.set(key, value);
  }

  dropUnsaved(key: string): void {
    this.#unsaved.delete(key);
  }

  clearUnsaved(): void {
    this.#unsaved.clear();
  }

  remove(key: string): void {
    this.#sql.exec("DELETE FROM meta WHERE key = ?", key);
  }
}
