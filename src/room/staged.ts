import { fitsRow, RUN_UNITS, splitEntry, unitsOf, type StagedEntry } from "./entries.ts";

/** A mutation that was decided, as it is added to what is staged. */
export interface Decided<Op> {
  readonly ops: readonly Op[];
  readonly entries: readonly StagedEntry[];
  /** Earlier ops as it changes them, by number; its own among them. */
  readonly amended: ReadonlyMap<number, Op>;
  /** What it adds to its row, in UTF-16 units. */
  readonly units: number;
}

/** The ops that the next commit writes. */
export class StagedOps<Op> {
  /** The number of the newest op that is committed. */
  readonly #base: number;
  readonly ops: Op[] = [];
  readonly entries: StagedEntry[] = [];
  /** Committed ops as amended by staged ones, by number. */
  readonly amended = new Map<number, Op>();
  /** Clients that write for the first time: secret and public names. */
  readonly bindings: (readonly [string, string])[] = [];
  #units = 0;

  constructor(base: number) {
    this.#base = base;
  }

  /** Whether staging more would make too large a row. */
  get full(): boolean {
    return this.#units > RUN_UNITS;
  }

  /** Whether a row holds so many more units. */
  fits(units: number): boolean {
    return this.ops.length === 0 || fitsRow(this.#units, units);
  }

  add({ ops, entries, amended, units }: Decided<Op>): void {
    for (const [seq, op] of amended) this.#amend(seq, op);
    this.entries.push(...entries);
    for (const op of ops) this.ops.push(op);
    this.#units += units;
  }

  #amend(seq: number, op: Op): void {
    const index = seq - this.#base - 1;
    if (index < 0) this.amended.set(seq, op);
    if (this.ops[index] === undefined) return;
    this.ops[index] = op;
    const at = this.entries.findIndex(({ from, count }) => index >= from && index < from + count);
    const entry = this.entries[at];
    if (entry === undefined) return;
    const entries = splitEntry(entry.head, this.ops.slice(entry.from, entry.from + entry.count), entry.from);
    this.entries.splice(at, 1, ...entries);
    this.#units += unitsOf(entries) - entry.text.length;
  }
}
