import type { Kind } from "../kinds/kind.ts";
import { opsOfRow } from "./read.ts";
import type { Log } from "./storage/log.ts";

/** A name is known while its op is among so many latest ones, */
const OPS = 100_000;
/** no older than this, in milliseconds, */
const AGE = 24 * 60 * 60 * 1000;
/** and, after the room slept, in so much of the log's end, UTF-16 units: what finding the names again may cost. */
const UNITS = 16 * 1024 * 1024;

/** The names of the latest ops, and their numbers. Read from the log when one is first asked for. */
export class Names<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  readonly #log: () => Log | undefined;
  #known: Map<string, number> | undefined;
  readonly #staged = new Map<string, number>();

  /** `log` is undefined for a room that has stored nothing. */
  constructor(kind: Kind<State, Intent, Op>, log: () => Log | undefined) {
    this.#kind = kind;
    this.#log = log;
  }

  nameOf(op: Op): string | undefined {
    return this.#kind.once?.(op);
  }

  /** The number of the op that has this name, committed or staged; undefined for a new one. */
  seqOf(name: string, now: number): number | undefined {
    this.#known ??= this.#read(now);
    return this.#staged.get(name) ?? this.#known.get(name);
  }

  stage(name: string, seq: number): void {
    this.#staged.set(name, seq);
  }

  /** What is staged is committed, up to op `last`. */
  commit(last: number): void {
    const known = this.#known;
    if (known !== undefined) {
      for (const [name, seq] of this.#staged) known.set(name, seq);
      // In the order of their numbers, so the oldest come first.
      for (const [name, seq] of known) {
        if (seq > last - OPS) break;
        known.delete(name);
      }
    }
    this.#staged.clear();
  }

  drop(): void {
    this.#staged.clear();
  }

  /** The log is another one now. */
  forget(): void {
    this.#staged.clear();
    this.#known = undefined;
  }

  #read(now: number): Map<string, number> {
    const found: [string, number][] = [];
    const log = this.#kind.once === undefined ? undefined : this.#log();
    let units = 0;
    let ops = 0;
    for (const row of log?.before(Number.MAX_SAFE_INTEGER) ?? []) {
      units += row.body.length;
      if (units > UNITS || ops > OPS || row.at < now - AGE) break;
      for (const { op, seq } of opsOfRow(this.#kind, row).toReversed()) {
        ops += 1;
        const name = this.nameOf(op);
        if (name !== undefined) found.push([name, seq]);
      }
    }
    return new Map(found.toReversed());
  }
}
