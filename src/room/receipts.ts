/** What the room remembers of one client's mutations, so that one sent twice is applied once. */
interface Receipt {
  /** The client's public name, which its entries in the log carry. */
  readonly by: string;
  /** The highest mutation number applied. */
  last: number;
  /** Numbers below `last` that were never applied (refused, or without effect), as inclusive ranges. */
  gaps: [number, number][];
  /** Numbers up to this one cannot be told apart any more. */
  floor: number;
  /** When it last wrote, milliseconds since 1970. */
  at: number;
}

/** `[client, by, last, gaps, floor, at]`: short, since a checkpoint holds many. */
export type StoredReceipt = readonly [string, string, number, readonly (readonly [number, number])[], number, number];

export type Standing = "new" | "applied" | "forgotten";

const MAX_GAPS = 64;
const DAY = 24 * 60 * 60 * 1000;

/** Who writes: they are told apart by their secret names, and a crowd of one sort makes nobody of another forgotten. */
export type Writer = (typeof WRITERS)[number];

const WRITERS = ["client", "producer", "key"] as const;

/** How many receipts of a sort stay, and for how long after the last write, in milliseconds. */
export interface Bounds {
  readonly most: number;
  readonly age: number;
}

/**
 * Clients say what they may have sent before, so a forgotten one is refused and knows. A producer cannot, and counts on from
 * where it was a month ago; whether a key was sent before nobody can tell, so of keys there are many.
 */
const BOUNDS: Readonly<Record<Writer, Bounds>> = {
  client: { most: 2_000, age: DAY },
  producer: { most: 2_000, age: 30 * DAY },
  key: { most: 20_000, age: DAY },
};
/** Of names in each sort, with what is noted beside each, in UTF-16 units: a user's id may be long. */
const MAX_UNITS = 2 * 1024 * 1024;
const NOTE_UNITS = 48;

/** The secret name of a producer; a native client's own has neither colons nor brackets. */
export function producerName(user: string | undefined, id: string): string {
  return `producer:${withUser(user, id)}`;
}

/** The secret name of an idempotency key: a client of one mutation. */
export function keyName(user: string | undefined, key: string): string {
  return `key:${withUser(user, key)}`;
}

/** The user's id keeps one user's names from answering for another's. */
function withUser(user: string | undefined, name: string): string {
  return JSON.stringify([user ?? null, name]);
}

function writerOf(client: string): Writer {
  if (client.startsWith("key:")) return "key";
  return client.startsWith("producer:") ? "producer" : "client";
}

/** What a checkpoint keeps of the receipts, and what it leaves out. */
export interface Survey {
  readonly kept: readonly StoredReceipt[];
  /** Clients that are forgotten with it. */
  readonly gone: ReadonlySet<string>;
  /** See `Receipts.horizon`, as it is then. */
  readonly horizon: number;
}

/** De-duplication by (client, mutation number). Rebuilt from the checkpoint and the log's own entries. */
export class Receipts {
  readonly #byClient = new Map<string, Receipt>();
  readonly #byName = new Map<string, Receipt>();
  readonly #bounds: Readonly<Record<Writer, Bounds>>;
  #horizon = 0;

  constructor(bounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** The op at which a client or producer was last forgotten; 0 while all are here. */
  get horizon(): number {
    return this.#horizon;
  }

  /** Whether there are more of some sort than are kept. */
  get crowded(): boolean {
    const counts = { client: 0, producer: 0, key: 0 };
    for (const client of this.#byClient.keys()) counts[writerOf(client)] += 1;
    return WRITERS.some((writer) => counts[writer] > this.#bounds[writer].most);
  }

  nameOf(client: string): string | undefined {
    return this.#byClient.get(client)?.by;
  }

  /**
   * For `welcome`: what of this client's is applied. Numbers that cannot be told apart any more count as
   * a gap: better that the client asks again and is refused than that it takes a refused one for applied.
   */
  summary(client: string): { readonly last: number; readonly gaps: [number, number][] } {
    const receipt = this.#byClient.get(client);
    if (receipt === undefined) return { last: 0, gaps: [] };
    const gaps = receipt.gaps.map(([from, to]): [number, number] => [from, to]);
    if (receipt.floor > 0) gaps.unshift([1, receipt.floor]);
    return { last: receipt.last, gaps };
  }

  /**
   * Whether mutation `m` of a client was applied. `after` is given for one that was sent before on an
   * earlier connection: if it was applied, then after this op.
   */
  standing(client: string, m: number, after?: number): Standing {
    const receipt = this.#byClient.get(client);
    if (receipt === undefined) {
      // Producers count from 1, so one that is not known at a later number may well have been.
      const mayBeKnown = after === undefined ? m > 1 && writerOf(client) === "producer" : after < this.#horizon;
      return this.#horizon > 0 && mayBeKnown ? "forgotten" : "new";
    }
    if (m > receipt.last) return "new";
    if (m <= receipt.floor) return "forgotten";
    return receipt.gaps.some(([from, to]) => m >= from && m <= to) ? "new" : "applied";
  }

  /** A client's first write binds its secret to its public name. Answers whether it was news. */
  bind(client: string, by: string, at: number): boolean {
    if (this.#byClient.has(client)) return false;
    const receipt: Receipt = { by, last: 0, gaps: [], floor: 0, at };
    this.#byClient.set(client, receipt);
    this.#byName.set(by, receipt);
    return true;
  }

  /** Notes that a mutation was applied, by the author's public name as the log has it. */
  record(by: string, m: number, at: number): void {
    const receipt = this.#byName.get(by);
    if (receipt === undefined) return;
    receipt.at = at;
    if (m <= receipt.last) {
      receipt.gaps = receipt.gaps.flatMap(([from, to]) => without(from, to, m));
      return;
    }
    if (receipt.last === 0) {
      // The first that this room knows of. Once anything was forgotten, older numbers may have been applied before.
      if (this.#horizon > 0) receipt.floor = m - 1;
      else if (m > 1) receipt.gaps.push([1, m - 1]);
    } else if (m > receipt.last + 1) {
      receipt.gaps.push([receipt.last + 1, m - 1]);
    }
    receipt.last = m;
    while (receipt.gaps.length > MAX_GAPS) {
      const oldest = receipt.gaps.shift();
      if (oldest !== undefined) receipt.floor = Math.max(receipt.floor, oldest[1]);
    }
  }

  /** Keeps what `survey` says, and forgets the rest. */
  prune(now: number, seq: number, connected: ReadonlySet<string>): readonly StoredReceipt[] {
    const survey = this.survey(now, seq, connected);
    this.forget(survey);
    return survey.kept;
  }

  /** Which receipts a checkpoint at op `seq` keeps: recent ones, and those in `connected` whatever their age. Changes nothing. */
  survey(now: number, seq: number, connected: ReadonlySet<string>): Survey {
    const gone = new Set<string>();
    let horizon = this.#horizon;
    const kept = { client: { count: 0, units: 0 }, producer: { count: 0, units: 0 }, key: { count: 0, units: 0 } };
    // Of the same moment too: sorting leaves the order of equals.
    const newestFirst = [...this.#byClient].toReversed().sort(([, a], [, b]) => b.at - a.at);
    for (const [client, receipt] of newestFirst) {
      const writer = writerOf(client);
      const { most, age } = this.#bounds[writer];
      const sum = kept[writer];
      const fresh = sum.count < most && sum.units < MAX_UNITS && now - receipt.at < age;
      if (fresh || connected.has(client)) {
        sum.count += 1;
        sum.units += client.length + NOTE_UNITS;
      } else {
        gone.add(client);
        // At the very beginning of a history too, "some were forgotten" must not look like "none".
        if (writer !== "key") horizon = Math.max(seq, 1);
      }
    }
    const stored = [...this.#byClient].filter(([client]) => !gone.has(client));
    return {
      kept: stored.map(([client, { by, last, gaps, floor, at }]) => [client, by, last, gaps, floor, at]),
      gone,
      horizon,
    };
  }

  /** Forgets what a survey leaves out. */
  forget({ gone, horizon }: Survey): void {
    for (const client of gone) {
      const receipt = this.#byClient.get(client);
      if (receipt !== undefined) this.#byName.delete(receipt.by);
      this.#byClient.delete(client);
    }
    this.#horizon = horizon;
  }

  /** Ops count from 1 again: whatever was forgotten before is older than all of them. */
  restart(): void {
    this.#horizon = Math.min(this.#horizon, 1);
  }

  load(stored: readonly StoredReceipt[], horizon: number): void {
    this.#horizon = horizon;
    for (const [client, by, last, gaps, floor, at] of stored) {
      const receipt: Receipt = { by, last, gaps: gaps.map(([from, to]) => [from, to]), floor, at };
      this.#byClient.set(client, receipt);
      this.#byName.set(by, receipt);
    }
  }
}

function without(from: number, to: number, m: number): [number, number][] {
  if (m < from || m > to) return [[from, to]];
  const parts: [number, number][] = [];
  if (m > from) parts.push([from, m - 1]);
  if (m < to) parts.push([m + 1, to]);
  return parts;
}
