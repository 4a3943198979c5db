import type { Sql } from "../host/host.ts";
import type { VersionInfo } from "../api.ts";
import type { Chunks } from "./chunks.ts";

export interface SavedVersion extends VersionInfo {
  readonly kindVersion: number;
  /** The state as JSON text. */
  readonly state: string;
}

type Stored = {
  readonly name: string;
  readonly saved_at: number;
  readonly version: string;
  readonly kind_version: number;
  readonly bytes: number;
  readonly by: string | null;
};

/** States saved under a name. They outlive the history that they were taken from. */
export class Versions {
  readonly #sql: Sql;
  readonly #chunks: Chunks;

  constructor(sql: Sql, chunks: Chunks) {
    this.#sql = sql;
    this.#chunks = chunks;
  }

  /** Saving under a name that exists replaces it. */
  save(version: SavedVersion): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO versions (name, saved_at, version, kind_version, bytes, by) VALUES (?, ?, ?, ?, ?, ?)",
      version.name,
      version.savedAt,
      version.version,
      version.kindVersion,
      version.bytes,
      version.by ?? null,
    );
    this.#chunks.write(owner(version.name), version.state);
  }

  /** Newest first. */
  list(): readonly VersionInfo[] {
    return this.#sql.exec<Stored>("SELECT * FROM versions ORDER BY saved_at DESC, name").toArray().map(info);
  }

  count(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM versions").one().n;
  }

  has(name: string): boolean {
    return this.#sql.exec("SELECT 1 FROM versions WHERE name = ?", name).toArray().length > 0;
  }

  read(name: string): SavedVersion | undefined {
    const [row] = this.#sql.exec<Stored>("SELECT * FROM versions WHERE name = ?", name).toArray();
    const state = row === undefined ? undefined : this.#chunks.read(owner(name));
    return row === undefined || state === undefined
      ? undefined
      : { ...info(row), kindVersion: row.kind_version, state };
  }

  remove(name: string): void {
    this.#sql.exec("DELETE FROM versions WHERE name = ?", name);
    this.#chunks.remove(owner(name));
  }
}

function owner(name: string): string {
  return `version:${name}`;
}

function info(row: Stored): VersionInfo {
  const { name, saved_at: savedAt, version, bytes, by } = row;
  return { name, savedAt, version, bytes, ...(by === null ? {} : { by }) };
}
