import type { Retention } from "../protocol/limits.ts";
import type { Log, TrimBounds } from "./storage/log.ts";

/** The end of the log: its newest op, when it was committed, and the running total there. */
export interface Head {
  readonly seq: number;
  readonly at: number;
  readonly total: number;
}

/** Where the log begins: its oldest op, and the running total just before it. */
export interface LogStart {
  readonly oldest: number;
  readonly before: number;
}

export const NOTHING_DROPPED: LogStart = { oldest: 1, before: 0 };

/** What of the log is still there, and what may go. */
export class Kept {
  readonly #log: Log;
  readonly #retention: Retention;
  /** No op after this one may be dropped. */
  readonly #floor: () => number;
  #oldest = 1;
  /** The log's running total just before `#oldest`. */
  #before = 0;

  constructor(log: Log, retention: Retention, floor: () => number) {
    this.#log = log;
    this.#retention = retention;
    this.#floor = floor;
  }

  /** The oldest op that can still be read; the one after the newest when none can. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The log's running total when op `seq` was the newest; for what has been dropped, just before the oldest. */
  totalAt(seq: number): number {
    return seq < this.#oldest ? this.#before : this.#log.totalAt(seq);
  }

  /** When the oldest op will be too old, milliseconds since 1970; undefined for an empty log. */
  get expiresAt(): number | undefined {
    const oldest = this.#log.oldest();
    return oldest === undefined ? undefined : oldest.at + this.#retention.age;
  }

  /** Looks what is there. Where that fails, what was known stays. */
  read(head: Pick<Head, "seq" | "total">): void {
    this.reset(this.find(head));
  }

  /** Where the log begins, as storage has it. */
  find(head: Pick<Head, "seq" | "total">): LogStart {
    const oldest = this.#log.oldest();
    return { oldest: oldest?.first ?? head.seq + 1, before: oldest?.before ?? head.total };
  }

  /** What is known of the log's beginning, to come back to by `reset` where a transaction is undone. */
  get start(): LogStart {
    return { oldest: this.#oldest, before: this.#before };
  }

  reset({ oldest, before }: LogStart): void {
    this.#oldest = oldest;
    this.#before = before;
  }

  /** The last op that `trim` drops if nothing but `floor` holds it; less than `oldest` for none. */
  lastToGo(head: Head): number {
    return this.#log.firstToStay(this.#bounds(head), this.#floor()) - 1;
  }

  /** Whether it is time to trim. Deleting rows is billed as writing them: so only when a quarter too much has gathered. */
  isOver({ seq, total }: Head): boolean {
    const { ops, bytes } = this.#retention;
    if (seq - this.#oldest + 1 <= ops * 1.25 + 1 && total - this.#before <= bytes) return false;
    return this.#floor() >= this.#oldest;
  }

  /** Drops what is past any bound, up to `checkpoint`, after which a wake needs every row. */
  trim(head: Head, checkpoint: number): void {
    this.#log.trim(this.#bounds(head), Math.min(checkpoint, this.#floor()));
    this.read(head);
  }

  #bounds(head: Head): TrimBounds {
    const { ops, bytes, age } = this.#retention;
    // A quarter below the bound in bytes, so that the next row does not trim again.
    return { upToSeq: head.seq - ops, upToTotal: head.total - bytes * 0.75, upToAt: head.at - age };
  }
}
