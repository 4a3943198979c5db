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
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.log = new Log(storage.sql);
    this.chunks = new Chunks(storage.sql);
    this.meta = new Meta(storage.sql);
    this.versions = new Versions(storage.sql, this.chunks);
  }

  get sql(): SqlStorage {
    return this.#storage.sql;
  }

  get born(): boolean {
    return isBorn(this.#storage.sql);
  }

  /** Makes or upgrades the tables. */
  prepare(): void {
    this.transaction(() => migrateSchema(this.#storage.sql));
  }

  /** All of it or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** Resolves once everything written so far is durable. */
  durable(): Promise<void> {
    return this.#storage.sync();
  }
}
