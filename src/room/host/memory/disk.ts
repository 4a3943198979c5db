import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Sql, SqlCursor, SqlValue } from "../host.ts";

/** Called before each statement. What it throws is thrown by the statement, which then does nothing. */
export type StatementHook = (query: string, writes: boolean) => void;

/** What one statement wrote, for checks of what a room stores. */
export interface Write {
  readonly query: string;
  readonly bindings: readonly SqlValue[];
}

/**
 * An object's storage: SQLite in memory, and an alarm. Statements take effect at once, but only `commit` makes them
 * durable; `rollback` is what a crash leaves. The alarm is stored with them.
 */
export class Disk {
  readonly sql: Sql;
  alarm: number | null = null;
  hook: StatementHook | undefined;
  /** Called with what has become durable. */
  onCommit: ((writes: readonly Write[]) => void) | undefined;
  /** What was written since the last commit, and not taken back. */
  #writes: Write[] = [];
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #durableAlarm: number | null = null;
  #open = false;
  #depth = 0;

  constructor() {
    this.sql = { exec: (query, ...bindings) => this.#exec(query, bindings) };
  }

  /** Whether a crash would lose something. */
  get dirty(): boolean {
    return this.#open || this.alarm !== this.#durableAlarm;
  }

  commit(): void {
    if (this.#open) this.#database.exec("COMMIT");
    this.#open = false;
    this.#durableAlarm = this.alarm;
    const writes = this.#writes;
    this.#writes = [];
    this.onCommit?.(writes);
  }

  rollback(): void {
    if (this.#open) this.#database.exec("ROLLBACK");
    this.#open = false;
    this.#depth = 0;
    this.alarm = this.#durableAlarm;
    this.#writes = [];
  }

  transaction<T>(work: () => T): T {
    this.#begin();
    const name = `t${this.#depth}`;
    const { alarm } = this;
    const written = this.#writes.length;
    this.#database.exec(`SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      const result = work();
      this.#database.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      // A crash in the middle has rolled back already.
      if (this.#open) this.#database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      this.alarm = alarm;
      this.#writes.length = Math.min(written, this.#writes.length);
      throw error;
    } finally {
      this.#depth = Math.max(0, this.#depth - 1);
    }
  }

  setAlarm(at: number | null): void {
    this.hook?.("alarm", true);
    this.alarm = at;
  }

  close(): void {
    this.#database.close();
  }

  #begin(): void {
    if (this.#open) return;
    this.#database.exec("BEGIN");
    this.#open = true;
  }

  #exec<Row extends Record<string, SqlValue>>(query: string, bindings: readonly unknown[]): SqlCursor<Row> {
    const writes = !/^\s*SELECT/i.test(query);
    this.hook?.(query, writes);
    const statement = this.#prepare(query);
    const values = bindings.map(toInput);
    if (!writes) return cursor(statement.all(...values) as Row[], 0);
    this.#begin();
    const { changes } = statement.run(...values);
    this.#writes.push({ query, bindings: bindings as readonly SqlValue[] });
    return cursor<Row>([], Number(changes));
  }

  #prepare(query: string): StatementSync {
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = this.#database.prepare(query);
      // Tables that are made later would change what a statement means.
      if (!/^\s*(CREATE|ALTER|DROP)/i.test(query)) this.#statements.set(query, statement);
    }
    return statement;
  }
}

function toInput(value: unknown): SQLInputValue {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as SQLInputValue;
}

function cursor<Row>(rows: Row[], rowsWritten: number): SqlCursor<Row> {
  const read = rows.map((row) => ({ ...row }));
  const iterator = read.values();
  return {
    toArray: () => [...iterator],
    one: () => {
      const [row, ...more] = iterator;
      if (row === undefined || more.length > 0) throw new Error(`Expected exactly one row, not ${read.length}.`);
      return row;
    },
    next: () => iterator.next(),
    [Symbol.iterator]() {
      return this;
    },
    rowsRead: read.length,
    rowsWritten,
  };
}
