import type { Kind, Context } from "../kinds/kind.ts";
import { Working } from "../kinds/working.ts";
import type { Limits, Retention } from "../protocol/limits.ts";
import { formatVersion, parseVersion, UNBORN, type Position } from "../protocol/position.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { amendLog } from "./amend.ts";
import { utf8Length } from "./bytes.ts";
import { changesOf, memo } from "./changes.ts";
import { unmet, type Standing } from "./conditions.ts";
import { Checkpoints, MIN_TAIL_BYTES } from "./checkpoints.ts";
import { bindingUnits, entriesOf, opTooLarge, rowsOf, unitsOf, type EntryHead } from "./entries.ts";
import { randomId } from "./ids.ts";
import { Kept, type Head } from "./kept.ts";
import type { Author, Committed, Hold, Mutation, Replacement, Staging } from "./mutation.ts";
import { Names } from "./names.ts";
import { opAt } from "./read.ts";
import { Receipts } from "./receipts.ts";
import { StagedOps } from "./staged.ts";
import type { Store } from "./storage/store.ts";
import { readStored } from "./stored.ts";

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
  readonly #checkpoints: Checkpoints<State>;
  readonly #names: Names<State, Intent, Op>;
  #receipts = new Receipts();
  #epoch = UNBORN.epoch;
  #seq = 0;
  #at = 0;
  #clock = 0;
  #total = 0;
  #state: State;
  #stateText: string | undefined;
  /** A transaction was undone and memory could not be read again: nothing is to be decided or written before it is. */
  #stale = false;

  #staged = new StagedOps<Op>(0);
  #working: Working<State, Intent, Op>;

  constructor(kind: Kind<State, Intent, Op>, limits: Limits, retention: Retention, store: Store, hold: Hold) {
    this.#hold = hold;
    this.#kind = kind;
    this.#limits = limits;
    this.#store = store;
    this.#checkpoints = new Checkpoints(store.chunks, kind.version, hold.connected);
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
    const seq = this.#seq + this.staged;
    // Whatever replaces a history leaves a checkpoint, at number 0 too.
    return {
      epoch: this.#epoch,
      seq,
      untouched: seq === 0 && this.#checkpoints.mark.units === 0,
      text: () => this.stateText,
    };
  }

  /** The oldest op that can still be read; `seq + 1` when none can. */
  get oldest(): number {
    return this.#kept.oldest;
  }

  /** Ops staged and not yet committed. */
  get staged(): number {
    return this.#staged.ops.length;
  }

  /** Throws where they have to be read again and cannot. */
  get receipts(): Receipts {
    this.recover();
    return this.#receipts;
  }

  /** The committed state as JSON text, made once per position. */
  get stateText(): string {
    this.#stateText ??= JSON.stringify(this.#state);
    return this.#stateText;
  }

  /** Nothing was ever written: no op, and no history in the place of another. */
  get blank(): boolean {
    return this.#seq === 0 && this.#checkpoints.mark.units === 0;
  }

  /** Bytes of all that was ever logged in this epoch, with those by which amendments made earlier rows grow. */
  get total(): number {
    return this.#total;
  }

  /** Bytes of log after `seq`, as far as they are kept. */
  tailBytes(seq: number): number {
    return seq >= this.#seq ? 0 : this.#total - this.#kept.totalAt(seq);
  }

  /** About what a snapshot costs: the same before and after a sleep, and without making a large one. */
  get snapshotBytes(): number {
    const { stateUnits } = this.#checkpoints.mark;
    return stateUnits < MIN_TAIL_BYTES ? this.stateText.length : stateUnits;
  }

  /**
   * Rebuilds everything from storage; what was staged is dropped. Where reading fails it throws, and what is committed
   * stays as memory has it until `recover` succeeds.
   */
  load(): void {
    this.#stale = true;
    this.#dropStaged();
    const { working, receipts, start, ...found } = readStored(this.#kind, this.#store, this.#kept);
    this.#epoch = found.epoch;
    this.#seq = found.seq;
    this.#at = found.at;
    this.#total = found.total;
    this.#checkpoints.mark = found.checkpoint;
    this.#receipts = receipts;
    this.#kept.reset(start);
    this.#names.forget();
    this.#staged = new StagedOps(this.#seq);
    this.#state = working.state;
    this.#working = working;
    this.#stateText = undefined;
    this.#stale = false;
  }

  /** Reads storage again where an undone transaction has left that to do; throws while storage cannot be read. */
  recover(): void {
    if (this.#stale) this.load();
  }

  /** After a wake, once it is known who is connected: forgets the receipts that the log's tail has brought back. */
  pruneReceipts(): void {
    if (this.#receipts.crowded) this.#receipts.prune(this.#at, this.#seq, this.#hold.connected());
  }

  /** A transaction was undone, and memory is not. Storage is the truth: it is read now or, where that fails too, before the next use. */
  undone(): void {
    this.#stale = true;
    this.#hold.undone?.();
    this.#dropStaged();
    try {
      this.recover();
    } catch (error) {
      console.error(`roomcast: ${this.#kind.name}: storage could not be read again after a failure`, error);
    }
  }

  /**
   * Gives a room its tables and its epoch, once, and stores the facts that wait for a write. Before it, the room costs
   * nothing. `also` is in the same transaction.
   */
  birth(also?: () => void): void {
    this.recover();
    if (this.#epoch !== UNBORN.epoch && !this.#store.meta.hasUnsaved && also === undefined) return;
    const epoch = this.#epoch;
    try {
      this.#store.transaction(() => {
        this.#create();
        also?.();
      });
    } catch (error) {
      this.#epoch = epoch;
      throw error;
    }
    this.#store.meta.clearUnsaved();
  }

  /** What each write begins with, in its transaction. Where that is undone, the caller puts the epoch back. */
  #create(): void {
    const { meta } = this.#store;
    if (this.#epoch === UNBORN.epoch) {
      this.#store.prepare();
      this.#epoch = randomId(10);
      meta.set("epoch", this.#epoch);
      meta.set("kind", this.#kind.name);
    }
    meta.saveUnsaved();
  }

  /**
   * Decides a mutation over what is staged so far. It becomes true at the next commit. `charge` is called unless it
   * is a repeat, and may refuse it.
   */
  stage(author: Author, mutation: Mutation<Intent>, charge?: () => Refusal | undefined): Staging {
    this.recover();
    const [client, m] = [author.client, mutation.m];
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
    const next = this.#seq + this.staged + 1;
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
    const entries = entriesOf(head, ops, this.staged);
    if (entries instanceof Refusal) return entries;
    for (const op of amended.values()) {
      const tooLarge = opTooLarge(op);
      if (tooLarge !== undefined) return tooLarge;
    }
    // The row that holds the ops also holds who wrote for the first time.
    const isNew = client !== undefined && m !== undefined && this.#receipts.nameOf(client) === undefined;
    const binding = isNew && by !== undefined ? bindingUnits(client, by) : 0;
    const units = unitsOf(entries) + binding;
    if (!this.#staged.fits(units)) return "full";
    if (client !== undefined && by !== undefined && m !== undefined) {
      if (this.#receipts.bind(client, by, stamped.now)) this.#staged.bindings.push([client, by]);
      this.#receipts.record(by, m, stamped.now);
    }
    for (const [name, seq] of names) this.#names.stage(name, seq);
    this.#staged.add({ ops, entries, amended, units });
    return "staged";
  }

  /** A retained op as it will read once what is staged is committed. */
  opAt(seq: number): Op | undefined {
    if (seq > this.#seq) return this.#staged.ops[seq - this.#seq - 1];
    if (seq < this.oldest) return undefined;
    return this.#staged.amended.get(seq) ?? opAt(this.#kind, this.#store.log, seq);
  }

  /** The number of the op that has this name (see `Kind.once`), staged ones included; undefined when none is known. */
  seqOf(name: string): number | undefined {
    return this.#names.seqOf(name, this.now());
  }

  /** Whether staging more would make too large a row. */
  get full(): boolean {
    return this.#staged.full;
  }

  /**
   * Writes what is staged as one row (or the rows that one large mutation takes), in one transaction with whatever upkeep is due. Nothing is
   * true before; if storage refuses, nothing is true after, and the error is the caller's to tell.
   */
  commit(): Committed<State, Op> | undefined {
    if (this.staged === 0) return undefined;
    const before = this.#state;
    const { ops, entries, amended, bindings: newcomers } = this.#staged;
    const seq = this.#seq + 1;
    const last = this.#seq + ops.length;
    const at = this.now();
    const { rows, total, state } = this.#transact(() => {
      const bindings = newcomers.length === 0 ? null : JSON.stringify(newcomers);
      const staged = { rows: rowsOf(entries, seq, at, bindings?.length), state: this.stagedState };
      this.#create();
      const growth = amended.size > 0 ? amendLog(this.#kind, this.#store.log, amended) : 0;
      let reached = this.#total + growth;
      for (const [index, row] of staged.rows.entries()) {
        reached += utf8Length(row.body);
        const known = index === 0 ? bindings : null;
        this.#store.log.append({ ...row, at, total: reached, kindVersion: this.#kind.version, bindings: known });
      }
      const head = { seq: last, at, total: reached };
      if (this.#erases(ops)) this.#checkpoints.write(staged.state, head, this.#receipts);
      else this.#checkpoints.writeIfDue(staged.state, head, this.#receipts);
      this.#trim(staged.state, head);
      this.#hold.plan?.();
      return { ...staged, total: reached };
    });
    this.#store.meta.clearUnsaved();
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
   * must have been committed before.
   */
  replace(state: State, { write, past, also }: Replacement = {}): void {
    this.recover();
    const head = { seq: past?.seq ?? 0, at: this.now() };
    const { total, text } = this.#transact(() => {
      this.#create();
      also?.();
      this.#store.log.clear();
      this.#epoch = randomId(10);
      this.#store.meta.set("epoch", this.#epoch);
      this.#receipts.restart();
      let reached = 0;
      for (const { first, last, at, kindVersion, body } of past?.rows ?? []) {
        reached += utf8Length(body);
        this.#store.log.append({ first, last, at, total: reached, kindVersion, body, bindings: null });
      }
      if (write !== undefined) {
        this.#receipts.bind(write.client, write.by, head.at);
        this.#receipts.record(write.by, write.m, head.at);
      }
      const stored = this.#checkpoints.write(state, { ...head, total: reached }, this.#receipts);
      this.#kept.read({ seq: head.seq, total: reached });
      this.#hold.plan?.();
      return { total: reached, text: stored };
    });
    this.#store.meta.clearUnsaved();
    // As a wake would find it, without reading, which may fail: the history is replaced, whatever happens now.
    this.#seq = head.seq;
    this.#at = head.at;
    this.#total = total;
    this.#state = JSON.parse(text) as State;
    this.#stateText = undefined;
    this.#names.forget();
    this.#dropStaged();
  }

  /** Drops what is older than the retention allows, even if nothing is written. */
  expire(): void {
    this.recover();
    if (this.#seq === 0) return;
    const head = { seq: this.#seq, at: this.now(), total: this.#total };
    this.#transact(() => {
      // A wake needs what comes after the checkpoint; what has reached its age goes all the same.
      const needed = this.#kept.lastToGo(head) > this.#checkpoints.mark.seq;
      if (needed || (this.#checkpoints.isSmall && this.#checkpoints.mark.seq < this.#seq))
        this.#checkpoints.write(this.#state, { ...head, at: this.#at }, this.#receipts);
      this.#kept.trim(head, this.#checkpoints.mark.seq);
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

  /** Runs `work` in one transaction. Where it fails storage is as it was, and so is memory, but for what was staged. */
  #transact<T>(work: () => T): T {
    const [epoch, checkpoint, start] = [this.#epoch, this.#checkpoints.mark, this.#kept.start];
    try {
      return this.#store.transaction(work);
    } catch (error) {
      this.#epoch = epoch;
      this.#checkpoints.mark = checkpoint;
      this.#kept.reset(start);
      this.undone();
      throw error;
    }
  }

  /**
   * Drops what retention no longer holds, when enough has gathered: up to the checkpoint. A small checkpoint is written
   * anew for it; for a large one that would cost more than all that was logged since, so the log waits for the next.
   */
  #trim(state: State, head: Head): void {
    const small = this.#checkpoints.isSmall;
    if (!this.#kept.isOver(head) || (!small && this.#checkpoints.mark.seq < this.#kept.oldest)) return;
    if (small && this.#checkpoints.mark.seq < head.seq) this.#checkpoints.write(state, head, this.#receipts);
    this.#kept.trim(head, this.#checkpoints.mark.seq);
  }

  /**
   * Whether a new checkpoint is due at once, since this one, or its tail, may hold what an op erases. Of a large one that
   * ends before all that is erased this is known not to be so: the log is rewritten in place.
   */
  #erases(ops: readonly Op[]): boolean {
    const { amendments } = this.#kind;
    if (amendments === undefined) return false;
    const { isSmall, mark } = this.#checkpoints;
    const mayHold = (op: Op): boolean => isSmall || amendments.targets(op).some((seq) => seq <= mark.seq);
    return ops.some((op) => amendments.erases(op) && mayHold(op));
  }

  #dropStaged(): void {
    this.#names.drop();
    this.#staged = new StagedOps(this.#seq);
    this.#working = new Working(this.#kind, this.#state);
  }
}
