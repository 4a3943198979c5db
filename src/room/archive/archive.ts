import type { Clock } from "../host/host.ts";
import type { Kind } from "../../kinds/kind.ts";
import type { StreamIntent, StreamOp, StreamState } from "../../kinds/stream/types.ts";
import { migrateBody, migrateOp, opsOf } from "../migrate.ts";
import type { Position } from "../../protocol/position.ts";
import type { Ops } from "../../protocol/room/ops.ts";
import { linesOf, runsOf } from "./lines.ts";
import { gunzipLines, gzip } from "./gzip.ts";
import type { LogRow } from "../storage/log.ts";
import { Segments, type Segment } from "../storage/segments.ts";
import type { Store } from "../storage/store.ts";
import type { ArchivedRun, Past } from "../past.ts";
import { PATIENCE, within } from "./within.ts";

/** One object of the archive is about so long before it is compressed, in UTF-16 units. */
const SEGMENT_UNITS = 2 * 1024 * 1024;
/** Rows are read from the log until there is so much of them; then others have their turn. */
const PIECE_UNITS = 64 * 1024;
/** What is read at once is about so long. */
const PAGE_UNITS = 128 * 1024;
/** Objects that were read last are kept unpacked, so that one who reads on unpacks each once. */
const KEPT = 4;

/** What the archive needs to know of the log. */
export interface ArchivedLedger {
  readonly position: Position;
  readonly oldest: number;
  readonly total: number;
  tailBytes(seq: number): number;
}

export interface ArchiveParts {
  readonly clock: Clock;
  readonly bucket: R2Bucket;
  /** Where in the bucket: a path segment. */
  readonly folder: string;
  readonly kind: Kind<StreamState, StreamIntent, StreamOp>;
  readonly store: Store;
  readonly ledger: ArchivedLedger;
  /** How many bytes of log may wait for the archive before retention drops them all the same. */
  readonly backlogBytes: number;
}

/**
 * A stream's events in a bucket, from the first one on. An object's key depends only on where it begins, and what it
 * holds is noted after it was put: a crash in between puts the same events again, with what came since, under the same
 * key. The newest object grows as long as the log still has all of it.
 */
export class Archive implements Past {
  readonly #parts: ArchiveParts;
  readonly #segments: Segments;
  readonly #kept = new Map<string, { readonly lines: readonly string[]; readonly kindVersion: number }>();
  #known: { readonly epoch: string; readonly last: number; readonly total: number } | undefined;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
    this.#segments = new Segments(parts.store.sql);
  }

  /** The newest op that stands in the archive; 0 for none. */
  get last(): number {
    return this.#standing().last;
  }

  /** The oldest op that can be read; Infinity for none. */
  get oldest(): number {
    return this.#joins ? (this.#segments.oldest()?.first ?? Infinity) : Infinity;
  }

  /** Whether the log goes on where the archive ends. Else ops were dropped before they were archived. */
  get #joins(): boolean {
    const { last } = this.#standing();
    return last > 0 && last + 1 >= this.#parts.ledger.oldest;
  }

  /** Bytes of log that are not in the archive yet. */
  get backlog(): number {
    const { ledger } = this.#parts;
    // What the log has dropped waits no longer.
    return Math.min(ledger.total - this.#standing().total, ledger.tailBytes(ledger.oldest - 1));
  }

  /** Whether enough has gathered for a whole object. */
  get full(): boolean {
    return this.backlog >= SEGMENT_UNITS;
  }

  /** No op after this one may be dropped from the log. */
  floor(): number {
    return this.backlog > this.#parts.backlogBytes ? Infinity : this.last;
  }

  /** Brings the archive up to the log. Rejects when the bucket does; what was noted by then stays. */
  async write(): Promise<void> {
    const { ledger } = this.#parts;
    const { epoch } = ledger.position;
    await this.#startOver(epoch);
    while (ledger.position.epoch === epoch && this.last < ledger.position.seq) {
      const segment = await this.#put(epoch);
      if (ledger.position.epoch !== epoch) return;
      if (segment !== undefined) this.#note(segment);
      // The log is empty: what it has dropped is gone.
      else if (ledger.oldest > ledger.position.seq) return;
    }
  }

  /**
   * Runs that hold the ops after `after`, without a gap, from the one after it on: about 128 Ki units of them.
   * Undefined when they are not in the archive. Rejects when the bucket fails.
   */
  async read(after: number): Promise<readonly ArchivedRun[] | undefined> {
    const { last } = this.#standing();
    const segment = after >= last || !this.#joins ? undefined : this.#segments.holding(after + 1);
    const unpacked = segment === undefined ? undefined : await this.#unpack(segment);
    if (segment === undefined || unpacked === undefined) return undefined;
    const lines: string[] = [];
    let units = 0;
    for (let at = after + 1 - segment.first; at < unpacked.lines.length && units < PAGE_UNITS; at += 1) {
      const line = unpacked.lines[at] ?? "";
      lines.push(line);
      units += line.length;
    }
    return runsOf(lines).map((run) => this.#asLogged(run, unpacked.kindVersion));
  }

  /** The first archived op that was committed at `at` (milliseconds since 1970) or later. */
  async seqAt(at: number): Promise<number | undefined> {
    const segment = this.#joins ? this.#segments.reaching(at) : undefined;
    const unpacked = segment === undefined ? undefined : await this.#unpack(segment);
    if (segment === undefined || unpacked === undefined) return undefined;
    // Times never go back, so it is found by halving.
    let [low, high] = [0, unpacked.lines.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const [run] = runsOf(unpacked.lines.slice(middle, middle + 1));
      if (run !== undefined && run.at >= at) high = middle;
      else low = middle + 1;
    }
    return segment.first + low;
  }

  /** Deletes what another history left, and begins anew. */
  async #startOver(epoch: string): Promise<void> {
    const { bucket, store, ledger } = this.#parts;
    if (store.meta.get(EPOCH) === epoch) return;
    const prefix = this.#prefix();
    const ours = this.#prefix(epoch);
    let cursor: string | undefined;
    do {
      const page: R2Objects = await within(
        this.#parts.clock,
        PATIENCE,
        bucket.list(cursor === undefined ? { prefix } : { prefix, cursor }),
      );
      const others = page.objects.map(({ key }) => key).filter((key) => !key.startsWith(ours));
      if (others.length > 0) await within(this.#parts.clock, PATIENCE, bucket.delete(others));
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    if (ledger.position.epoch !== epoch) return;
    store.transaction(() => {
      this.#segments.clear();
      store.meta.set(EPOCH, epoch);
    });
    this.#known = undefined;
    this.#kept.clear();
  }

  /**
   * Puts the next object, or the newest with what came since. An object has no gap: where the log drops rows meanwhile, it
   * ends before them; undefined when there is nothing left to put.
   */
  async #put(epoch: string): Promise<Segment | undefined> {
    const { ledger, kind } = this.#parts;
    const newest = this.last === 0 ? undefined : this.#segments.newest();
    const grows = newest !== undefined && newest.units < SEGMENT_UNITS && newest.first >= ledger.oldest;
    const first = grows ? newest.first : Math.max(this.last + 1, ledger.oldest);
    let [last, since, until, units] = [first - 1, 0, 0, 0];
    const rows = this.#rowsAfter(last);
    const body = await gzip(
      (function* () {
        for (const rowsOfPiece of rows) {
          let piece = "";
          for (const row of rowsOfPiece) {
            if (row.first > last + 1) {
              // Dropped since, past the backlog.
              yield piece;
              return;
            }
            const run = opsOf(migrateBody(kind, row.kindVersion, row.body));
            let seq = run.seq;
            for (const line of linesOf(run)) {
              // Rows are never split, so the first one begins where this object does.
              if (seq >= first) piece += line;
              seq += 1;
            }
            if (since === 0) since = row.at;
            until = row.at;
            last = row.last;
          }
          units += piece.length;
          yield piece;
          if (units >= SEGMENT_UNITS) return;
        }
      })(),
    );
    if (last < first) return undefined;
    await this.#replace(this.#key(epoch, first), body, {
      httpMetadata: { contentType: "application/gzip" },
      customMetadata: {
        first: `${first}`,
        last: `${last}`,
        since: `${since}`,
        until: `${until}`,
        kv: `${kind.version}`,
      },
    });
    return { first, last, since, until, units };
  }

  /** Puts an object in the place of the one that is there now: one sent earlier that arrives late must not undo it. */
  async #replace(key: string, body: ArrayBuffer, options: R2PutOptions): Promise<void> {
    const { bucket } = this.#parts;
    const there = await within(this.#parts.clock, PATIENCE, bucket.head(key));
    const onlyIf = there === null ? new Headers({ "if-none-match": "*" }) : { etagMatches: there.etag };
    const put = await within(this.#parts.clock, PATIENCE, bucket.put(key, body, { ...options, onlyIf }));
    if (put === null) throw new Error(`${key} was put by somebody else.`);
  }

  /** The log's rows after an op, some at a time: no cursor of the database stays open while others have their turn. */
  *#rowsAfter(after: number): Generator<readonly LogRow[]> {
    let last = after;
    for (;;) {
      const rows: LogRow[] = [];
      let units = 0;
      for (const row of this.#parts.store.log.after(last)) {
        rows.push(row);
        units += row.body.length;
        last = row.last;
        if (units >= PIECE_UNITS) break;
      }
      if (rows.length === 0) return;
      yield rows;
    }
  }

  #note(segment: Segment): void {
    const { store, ledger } = this.#parts;
    store.transaction(() => {
      // The log has dropped what the archive never got: from before that, nobody can be led on to here.
      if (segment.first > this.last + 1) this.#segments.clear();
      this.#segments.set(segment);
    });
    this.#known = {
      epoch: ledger.position.epoch,
      last: segment.last,
      total: ledger.total - ledger.tailBytes(segment.last),
    };
  }

  /** How far the archive reaches, and the log's running total there. Read once, then remembered. */
  #standing(): { readonly last: number; readonly total: number } {
    const { store, ledger } = this.#parts;
    const { epoch } = ledger.position;
    if (this.#known?.epoch === epoch) return this.#known;
    const ours = store.born && store.meta.get(EPOCH) === epoch;
    const last = (ours ? this.#segments.newest()?.last : undefined) ?? 0;
    this.#known = { epoch, last, total: ledger.total - ledger.tailBytes(last) };
    return this.#known;
  }

  async #unpack(
    segment: Segment,
  ): Promise<{ readonly lines: readonly string[]; readonly kindVersion: number } | undefined> {
    const { bucket, ledger } = this.#parts;
    const { epoch } = ledger.position;
    const name = `${epoch} ${segment.first} ${segment.last}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept;
    }
    const object = await within(this.#parts.clock, PATIENCE, bucket.get(this.#key(epoch, segment.first)));
    if (object === null) {
      // By a rule of the bucket, which begins with the oldest.
      if (ledger.position.epoch === epoch) this.#segments.dropUpTo(segment.first);
      return undefined;
    }
    const lines = await gunzipLines(object.body);
    const count = segment.last - segment.first + 1;
    if (hasGap(lines, segment.first)) {
      // Older code put objects with a gap when the log was trimmed meanwhile. Nothing can be led on across it.
      if (ledger.position.epoch === epoch) this.#segments.dropUpTo(segment.first);
      return undefined;
    }
    if (lines.length < count)
      throw new Error(`The archive has ${lines.length} events at ${segment.first}, not ${count}.`);
    // One that a crash left may hold more than was noted, and is put again.
    const unpacked = {
      lines: lines.slice(0, count),
      kindVersion: Number(object.customMetadata?.["kv"]),
    };
    for (const [oldest] of this.#kept) {
      if (this.#kept.size < KEPT) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(name, unpacked);
    return unpacked;
  }

  #asLogged(run: Ops, kindVersion: number): ArchivedRun {
    const { kind } = this.#parts;
    const entries = run.entries.map((entry) => ({
      ...entry,
      ops: entry.ops.map((op) => migrateOp(kind, kindVersion, op)),
    }));
    const last = run.seq + entries.reduce((sum, { ops }) => sum + ops.length, 0) - 1;
    return { first: run.seq, last, at: run.at, body: JSON.stringify({ ...run, entries }) };
  }

  #prefix(epoch?: string): string {
    const stream = `streams/${this.#parts.folder}/`;
    return epoch === undefined ? stream : `${stream}${epoch}/`;
  }

  #key(epoch: string, first: number): string {
    return `${this.#prefix(epoch)}${String(first).padStart(16, "0")}.ndjson.gz`;
  }
}

/** Whether lines that begin with op `first` leave out an op. */
function hasGap(lines: readonly string[], first: number): boolean {
  const last = /^\{"seq":(\d+)/.exec(lines.at(-1) ?? "")?.[1];
  return last !== undefined && Number(last) !== first + lines.length - 1;
}

/** The key of `meta` that says which history the segments are of. */
const EPOCH = "archive-epoch";
