import type { Host, Sql } from "../host/host.ts";
import { Chunks } from "./chunks.ts";
import { Log } from "./log.ts";
import { Meta } from "./meta.ts";
import { isBorn, migrateSchema } from "./schema.ts";
import { Versions } from "./versions.ts";

/** Everything that a room keeps, on one object's SQLite. Synchronous throughout: SQLite is local to the object. */
export class Store {
  readonly log: Log;
  readonly chunks: Chunks;
  readonly meta: Meta;
  readonly versions: Versions;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    const { sql } = host;
    this.log = new Log(sql);
    this.chunks = new Chunks(sql);
    this.meta = new Meta(sql);
    this.versions = new Versions(sql, this.chunks);
  }

  get sql(): Sql {
    return this.#host.sql;
  }

  get born(): boolean {
    return isBorn(this.#host.sql);
  }

  /** Makes or upgrades the tables. */
  prepare(): void {
    this.transaction(() => migrateSchema(this.#host.sql));
  }

  /** All of it or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#host.transaction(work);
  }

  /** Resolves once everything written so far is durable. */
  durable(): Promise<void> {
    return this.#host.durable();
  }
}
