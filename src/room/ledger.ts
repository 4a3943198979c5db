import type { Kind, Context } from "../kinds/kind.ts";
import { Working } from "../kinds/working.ts";
import type { Limits, Retention } from "../protocol/limits.ts";
import { formatVersion, parseVersion, UNBORN, type Position } from "../protocol/position.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { amendLog } from "./amend.ts";
import { utf8Length } from "./bytes.ts";
import { changesOf, memo } from "./changes.ts";
import { unmet, type Standing } from "./conditions.ts";
import { entriesOf, entryText, fitsRow, rowsOf, RUN_UNITS, type EntryHead, type StagedEntry } from "./entries.ts";
import { randomId } from "./ids.ts";
import { Kept, type Head } from "./kept.ts";
import { migrateOp, migrateState, opsOf } from "./migrate.ts";
import type { Author, Branch, Committed, Hold, Mutation, Numbered, Staging } from "./mutation.ts";
import { Names } from "./names.ts";
import { opAt } from "./read.ts";
import { Receipts } from "./receipts.ts";
import { readCheckpoint, writeCheckpoint } from "./storage/checkpoint.ts";
import type { Store } from "./storage/store.ts";

/** Below this much tail a checkpoint is not worth its row. */
const MIN_TAIL = 64 * 1024;

/**
 * The truth about one room: its state, its position, its log. Mutations are staged one by one, each
 * decided over the ones before it, and committed together as one row.
 */
export class Ledger<State, Intent, Op> {
  readonly #kind: Kind<State, Intent, Op>;
  readonly #limits: Limits;
  readonly #kept: Kept;
  readonly #store: Store;
  readonly #hold: Hold;
  readonly #names: Names<State, Intent, Op>;
  #receipts = new Receipts();
  #epoch = UNBORN.epoch;
  #seq = 0;
  #at = 0;
  #clock = 0;
  #total = 0;
  #state: State;
  #stateText: string | undefined;
  #checkpoint = { seq: 0, total: 0, bytes: 0 };

  #entries: StagedEntry[] = [];
  /** Committed ops as what is staged changes them, by number. */
  #amended = new Map<number, Op>();
  #bindings: [string, string][] = [];
  #ops: Op[] = [];
  #units = 0;
  #working: Working<State, Intent, Op>;

  constructor(kind: Kind<State, Intent, Op>, limits: Limits, retention: Retention, store: Store, hold: Hold) {
    this.#hold = hold;
    this.#kind = kind;
    this.#limits = limits;
    this.#store = store;
    this.#kept = new Kept(store.log, retention, () => hold.floor?.() ?? Infinity);
    this.#names = new Names(kind, () => (this.#epoch === UNBORN.epoch ? undefined : store.log));
    this.#state = kind.initial();
    this.#working = new Working(kind, this.#state);
    this.load();
  }

  /** The committed state. */
  get state(): State {
    return this.#state;
  }

  /** The state as it will be once what is staged is committed. */
  get stagedState(): State {
    return this.#working.state;
  }

  /** The committed position. */
  get position(): Position {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  get version(): string {
    return formatVersion(this.position);
  }

  /** Where a write that is decided now finds the room: with what is staged before it. */
  get standing(): Standing {
    const seq = this.#seq + this.#ops.length;
    // Whatever replaces a history leaves a checkpoint, at number 0 too.
    return {
      epoch: this.#epoch,
      seq,
      untouched: seq === 0 && this.#checkpoint.bytes === 0,
      text: () => this.stateText,
    };
  }

  /** The oldest op that can still be read; `seq + 1` when none can. */
  get oldest(): number {
    return this.#kept.oldest;
  }

  /** Ops staged and not yet committed. */
  get staged(): number {
    return this.#ops.length;
  }

  get receipts(): Receipts {
    return this.#receipts;
  }

  /** The committed state as JSON text, made once per position. */
  get stateText(): string {
    this.#stateText ??= JSON.stringify(this.#state);
    return this.#stateText;
  }

  /** Nothing was ever written: no op, and no history in the place of another. */
  get blank(): boolean {
    return this.#seq === 0 && this.#checkpoint.bytes === 0;
  }

  /** Bytes of all that was ever logged in this epoch. */
  get total(): number {
    return this.#total;
  }

  /** Bytes of log after `seq`, as far as they are kept. */
  tailBytes(seq: number): number {
    return seq >= this.#seq ? 0 : this.#total - this.#kept.totalAt(seq);
  }

  /** About what a snapshot costs: the same before and after a sleep, and without making a large one. */
  get snapshotBytes(): number {
    return this.#checkpoint.bytes < MIN_TAIL ? this.stateText.length : this.#checkpoint.bytes;
  }

  /** Rebuilds everything from storage; whatever was staged is dropped. */
  load(): void {
    this.#receipts = new Receipts();
    this.#names.forget();
    this.#dropStaged();
    const { log, chunks, meta } = this.#store;
    let working = new Working(this.#kind, this.#kind.initial());
    this.#epoch = UNBORN.epoch;
    this.#seq = 0;
    this.#at = 0;
    this.#total = 0;
    this.#kept.forget();
    this.#checkpoint = { seq: 0, total: 0, bytes: 0 };
    if (this.#store.born) {
      this.#store.prepare();
      this.#epoch = meta.get("epoch") ?? UNBORN.epoch;
      const checkpoint = readCheckpoint(chunks);
      if (checkpoint !== undefined) {
        const state = migrateState(this.#kind, checkpoint.kindVersion, JSON.parse(checkpoint.state));
        working = new Working(this.#kind, state);
        this.#receipts.load(checkpoint.receipts, checkpoint.horizon);
        this.#seq = checkpoint.seq;
        this.#at = checkpoint.at;
        this.#total = checkpoint.total;
        this.#checkpoint = { seq: checkpoint.seq, total: checkpoint.total, bytes: checkpoint.state.length };
      }
      for (const row of log.after(this.#seq)) {
        for (const [client, by] of row.bindings === null ? [] : (JSON.parse(row.bindings) as [string, string][])) {
          this.#receipts.bind(client, by, row.at);
        }
        for (const entry of opsOf(row.body).entries) {
          if (entry.by !== undefined && entry.m !== undefined) this.#receipts.record(entry.by, entry.m, row.at);
          for (const op of entry.ops) working.fold(migrateOp(this.#kind, row.kindVersion, op));
        }
        this.#seq = row.last;
        this.#at = row.at;
        this.#total = row.total;
      }
      this.#kept.read({ seq: this.#seq, total: this.#total });
    }
    this.#state = working.state;
    this.#working = working;
    this.#stateText = undefined;
  }

  /** Gives a room its tables and its epoch, once. Before it, the room costs nothing. */
  birth(): void {
    if (this.#epoch !== UNBORN.epoch) return;
    this.#store.prepare();
    this.#epoch = randomId(10);
    this.#store.meta.set("epoch", this.#epoch);
    this.#store.meta.set("kind", this.#kind.name);
  }

  /**
   * Decides a mutation over what is staged so far. It becomes true at the next commit. `charge` is called unless it
   * is a repeat, and may refuse it.
   */
  stage(author: Author, mutation: Mutation<Intent>, charge?: () => Refusal | undefined): Staging {
    const { client } = author;
    const { m } = mutation;
    if (client !== undefined && m !== undefined) {
      const standing = this.#receipts.standing(client, m, this.#sentAfter(mutation.again));
      if (standing === "applied") return "applied";
      if (standing === "forgotten") {
        return refuse("receipt_expired", "So old a mutation number that the room cannot tell whether it was applied.");
      }
    }
    const unexpected = charge?.() ?? unmet(mutation, this.standing);
    if (unexpected !== undefined) return unexpected;

    this.#working.begin();
    let staging: Staging | undefined;
    try {
      staging = this.#decide(author, mutation);
      return staging;
    } finally {
      if (staging !== "staged" && staging !== "nothing") this.#working.undo();
    }
  }

  /** What a mutation comes to; unless it is staged, what it did to the staged state has yet to be taken back. */
  #decide(author: Author, mutation: Mutation<Intent>): Staging {
    const { client, by } = author;
    const { m } = mutation;
    const ops: Op[] = [];
    const amended = new Map<number, Op>();
    const names = new Map<string, number>();
    const next = this.#seq + this.#ops.length + 1;
    const read = (seq: number): Op | undefined => amended.get(seq) ?? ops[seq - next] ?? this.opAt(seq);
    const stamped = {
      now: this.now(),
      id: randomId,
      ...(by === undefined ? {} : { by }),
      ...(author.guest === undefined ? {} : { guest: author.guest }),
      ...(author.user === undefined ? {} : { user: author.user }),
      ...(author.presence === undefined ? {} : { presence: author.presence }),
      ...(author.address === undefined ? {} : { address: author.address }),
      can: author.can,
      limits: this.#limits,
      read,
    };
    for (const [index, intent] of mutation.intents.entries()) {
      const context: Context = { ...stamped, seq: next + ops.length };
      const decided = this.#working.decide(intent, context);
      if (decided instanceof Refusal)
        return new Refusal(decided.code, decided.message, { ...decided.place, intent: index });
      for (const op of decided) {
        const name = this.#names.nameOf(op);
        if (name !== undefined) {
          if (names.has(name) || this.seqOf(name) !== undefined) continue;
          names.set(name, next + ops.length);
        }
        this.#working.fold(op);
        ops.push(op);
        for (const target of this.#kind.amendments?.targets(op) ?? []) {
          const earlier = read(target);
          if (earlier !== undefined) amended.set(target, this.#kind.amendments?.amend(earlier, op) ?? earlier);
        }
      }
    }
    if (ops.length === 0) return "nothing";

    const head: EntryHead = {
      ...(by === undefined ? {} : { by }),
      ...(m === undefined ? {} : { m }),
      ...(author.user === undefined ? {} : { user: author.user.id }),
    };
    for (const index of ops.keys()) {
      const op = amended.get(next + index);
      if (op !== undefined) ops[index] = op;
    }
    const entries = entriesOf(head, ops, this.#ops.length);
    if (entries instanceof Refusal) return entries;
    const units = entries.reduce((sum, { text }) => sum + text.length, 0);
    if (this.#ops.length > 0 && !fitsRow(this.#units, units)) return "full";
    if (client !== undefined && by !== undefined && m !== undefined) {
      if (this.#receipts.bind(client, by, stamped.now)) this.#bindings.push([client, by]);
      this.#receipts.record(by, m, stamped.now);
    }
    for (const [name, seq] of names) this.#names.stage(name, seq);
    this.#amend(amended);
    this.#entries.push(...entries);
    for (const op of ops) this.#ops.push(op);
    this.#units += units;
    return "staged";
  }

  /** A retained op as it will read once what is staged is committed. */
  opAt(seq: number): Op | undefined {
    if (seq > this.#seq) return this.#ops[seq - this.#seq - 1];
    if (seq < this.oldest) return undefined;
    return this.#amended.get(seq) ?? opAt(this.#kind, this.#store.log, seq);
  }

  /** The number of the op that has this name (see `Kind.once`), staged ones included; undefined when none is known. */
  seqOf(name: string): number | undefined {
    return this.#names.seqOf(name, this.now());
  }

  /** Whether staging more would make too large a row. */
  get full(): boolean {
    return this.#units > RUN_UNITS;
  }

  /**
   * Writes what is staged as one row (or the rows that one large mutation takes), in one transaction with whatever upkeep is due. Nothing is
   * true before; if storage refuses, nothing is true after, and the error is the caller's to tell.
   */
  commit(): Committed<State, Op> | undefined {
    if (this.#ops.length === 0) return undefined;
    const before = this.#state;
    const ops = this.#ops;
    const seq = this.#seq + 1;
    const last = this.#seq + ops.length;
    const at = this.now();
    const rows = rowsOf(this.#entries, seq, at);
    const total = this.#total + rows.reduce((sum, { body }) => sum + utf8Length(body), 0);
    const bindings = this.#bindings.length === 0 ? null : JSON.stringify(this.#bindings);
    const state = this.stagedState;
    try {
      this.#store.transaction(() => {
        this.birth();
        let reached = this.#total;
        for (const [index, row] of rows.entries()) {
          reached += utf8Length(row.body);
          const known = index === 0 ? bindings : null;
          this.#store.log.append({ ...row, at, total: reached, kindVersion: this.#kind.version, bindings: known });
        }
        if (this.#amended.size > 0) amendLog(this.#kind, this.#store.log, this.#amended);
        const tail = total - this.#checkpoint.total;
        const outgrown = tail > MIN_TAIL && tail > this.#checkpoint.bytes;
        if (outgrown || this.#erases(ops)) this.#writeCheckpoint(state, last, at, total);
        if (this.#kept.isOver({ seq: last, at, total })) this.#trim({ seq: last, at, total });
      });
    } catch (error) {
      // The transaction is undone; memory may not be. Storage is the truth, so read it again.
      this.load();
      throw error;
    }
    this.#seq = last;
    this.#at = at;
    this.#total = total;
    this.#state = state;
    this.#stateText = undefined;
    this.#names.commit(last);
    this.#dropStaged();
    const changes = changesOf(this.#kind, before, ops, state);
    const [first, ...rest] = rows.map((row) => ({
      seq: row.first,
      last: row.last,
      text: row.body,
      changes: rows.length === 1 ? changes : changes.slice(row.first - seq, row.last - seq + 1),
      once: memo(),
    }));
    return first === undefined || rest.length === 0 ? first : { ...first, rest };
  }

  /**
   * Replaces the history by a state: the epoch changes, the count starts again at 0, what is staged
   * must have been committed before. `write` is noted as applied. With a `past` the count goes on from there.
   */
  replace(state: State, write?: Numbered, past?: Branch): void {
    try {
      this.#store.transaction(() => {
        this.birth();
        this.#store.log.clear();
        this.#epoch = randomId(10);
        this.#store.meta.set("epoch", this.#epoch);
        this.#receipts.restart();
        let total = 0;
        for (const { first, last, at, kindVersion, body } of past?.rows ?? []) {
          total += utf8Length(body);
          this.#store.log.append({ first, last, at, total, kindVersion, body, bindings: null });
        }
        if (write !== undefined) {
          this.#receipts.bind(write.client, write.by, this.now());
          this.#receipts.record(write.by, write.m, this.now());
        }
        this.#writeCheckpoint(state, past?.seq ?? 0, this.now(), total);
      });
    } finally {
      this.load();
    }
  }

  /** Drops what is older than the retention allows, even if nothing is written. */
  expire(): void {
    if (this.#seq === 0) return;
    this.#store.transaction(() => {
      if (this.#checkpoint.seq < this.#seq) this.#writeCheckpoint(this.#state, this.#seq, this.#at, this.#total);
      this.#trim({ seq: this.#seq, at: this.now(), total: this.#total });
    });
  }

  /** When the oldest op will be too old, milliseconds since 1970; undefined for an empty log. */
  get expiresAt(): number | undefined {
    return this.#epoch === UNBORN.epoch ? undefined : this.#kept.expiresAt;
  }

  /** The room's clock. The machine's may be set back, between two wakes or two mutations; this one never goes back. */
  now(): number {
    this.#clock = Math.max(this.#hold.clock.now(), this.#at, this.#clock);
    return this.#clock;
  }

  /** The op of this epoch after which a mutation that is sent again was first sent; undefined for a new one. */
  #sentAfter(again: string | undefined): number | undefined {
    if (again === undefined) return undefined;
    const position = parseVersion(again);
    return position?.epoch === this.#epoch ? position.seq : 0;
  }

  #writeCheckpoint(state: State, seq: number, at: number, total: number): void {
    const text = JSON.stringify(state);
    const receipts = this.#receipts.prune(at, seq, this.#hold.connected());
    const { horizon } = this.#receipts;
    writeCheckpoint(this.#store.chunks, {
      seq,
      at,
      total,
      kindVersion: this.#kind.version,
      horizon,
      receipts,
      state: text,
    });
    this.#checkpoint = { seq, total, bytes: text.length };
  }

  /** Drops what retention no longer holds; the checkpoint then has all of it. */
  #trim(head: Head): void {
    if (this.#checkpoint.seq < head.seq) this.#writeCheckpoint(this.stagedState, head.seq, head.at, head.total);
    this.#kept.trim(head, this.#checkpoint.seq);
  }

  /** A checkpoint and its log may hold what an op erases: then a new one is due at once. */
  #erases(ops: readonly Op[]): boolean {
    const { amendments } = this.#kind;
    return amendments !== undefined && ops.some((op) => amendments.erases(op));
  }

  /** Notes earlier ops as a mutation that is now staged changes them. */
  #amend(amended: ReadonlyMap<number, Op>): void {
    for (const [seq, op] of amended) {
      const index = seq - this.#seq - 1;
      if (index < 0) this.#amended.set(seq, op);
      if (this.#ops[index] === undefined) continue;
      this.#ops[index] = op;
      const at = this.#entries.findIndex(({ from, count }) => index >= from && index < from + count);
      const entry = this.#entries[at];
      if (entry === undefined) continue;
      const { head, from, count } = entry;
      const text = entryText(head, this.#ops.slice(from, from + count));
      this.#entries[at] = { ...entry, text };
      this.#units += text.length - entry.text.length;
    }
  }

  #dropStaged(): void {
    this.#names.drop();
    this.#amended = new Map();
    this.#entries = [];
    this.#bindings = [];
    this.#ops = [];
    this.#units = 0;
    this.#working = new Working(this.#kind, this.#state);
  }
}
