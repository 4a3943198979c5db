import assert from "node:assert/strict";
import { utf8Length } from "../../../src/room/bytes.ts";
import type { Write } from "../../../src/room/host/memory/disk.ts";

interface LoggedEntry {
  readonly by?: string;
  readonly m?: number;
  readonly ops: readonly unknown[];
}

/** One op as it was first logged. */
export interface LoggedOp {
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly by: string | undefined;
  readonly m: number | undefined;
  readonly op: unknown;
  /** The version of the kind that logged it. */
  readonly kindVersion: number;
}

/** The platform's bound on a row, in bytes. */
const ROW_BYTES = 2_000_000;

/** Rows that a room writes once, whatever is logged: its tables, its epoch, the first checkpoint. */
const FREE_BYTES = 16_384;

/**
 * Everything that an object has stored, whether or not it was dropped or rewritten since. Rows count once they are durable;
 * what a crash takes back was never there.
 */
export class Audit {
  readonly ops: LoggedOp[] = [];
  /** Bytes written, and bytes of log bodies among them. */
  written = 0;
  logged = 0;
  #texts: string[] = [];
  #epoch = "";

  committed(writes: readonly Write[]): void {
    const before = { epoch: this.#epoch, written: this.written };
    for (const write of writes) this.#add(write);
    // Another history begins with a state that it must store, and that no log held.
    if (this.#epoch !== before.epoch) this.written = before.written;
  }

  #add({ query, bindings }: Write): void {
    let bytes = 0;
    for (const value of bindings) bytes += typeof value === "string" ? utf8Length(value) : 8;
    assert.ok(bytes < ROW_BYTES, `A row of ${bytes} bytes is over the platform's limit: ${query}`);
    // Saved versions are whole states, and asked for.
    if (!/INTO versions/.test(query) && !(typeof bindings[0] === "string" && bindings[0].startsWith("version:")))
      this.written += bytes;
    if (/INTO meta/.test(query) && bindings[0] === "epoch") this.#epoch = bindings[1] as string;
    if (!/INTO log/.test(query)) return;
    const body = bindings.find((value) => typeof value === "string" && value.startsWith('{"t":"ops"')) as string;
    this.logged += utf8Length(body);
    this.#texts.push(body);
    // The column before the body.
    const kindVersion = bindings[bindings.indexOf(body) - 1] as number;
    const run = JSON.parse(body) as { seq: number; at: number; entries: readonly LoggedEntry[] };
    let { seq } = run;
    for (const { by, m, ops } of run.entries) {
      for (const op of ops) {
        this.ops.push({ epoch: this.#epoch, seq, at: run.at, by, m, op, kindVersion });
        seq += 1;
      }
    }
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** How many histories the room has had. */
  get epochs(): number {
    return new Set([this.#epoch, ...this.ops.map(({ epoch }) => epoch)]).size;
  }

  /** The ops of the present history. */
  get current(): readonly LoggedOp[] {
    return this.ops.filter(({ epoch }) => epoch === this.#epoch);
  }

  /** How many ops were ever logged that hold `token`. */
  count(token: string): number {
    const needle = `"${token}"`;
    const holds = this.#texts.some((text) => text.includes(needle));
    return holds ? this.ops.filter(({ op }) => JSON.stringify(op).includes(needle)).length : 0;
  }

  /** O1, L2: numbers without a gap, and little more written than logged. `trims`: a trim needs a checkpoint of its own. */
  check(trims: boolean): void {
    const next = new Map<string, number>();
    let before = { epoch: "", at: 0 };
    for (const { epoch, seq, at } of this.ops) {
      assert.ok(
        epoch !== before.epoch || at >= before.at,
        `O5: op ${seq} was ${before.at - at} ms before the one before it`,
      );
      before = { epoch, at };
      const expected = next.get(epoch) ?? seq;
      assert.equal(seq, expected, `O1: op ${seq} of epoch ${epoch} follows ${expected - 1}`);
      next.set(epoch, seq + 1);
    }
    if (trims) return;
    const bound = 3 * this.logged + FREE_BYTES;
    assert.ok(this.written <= bound, `${this.written} bytes were written for ${this.logged} bytes of log`);
  }
}
