import type { DurableConfig } from "../../kinds/stream/durable/types.ts";
import type { Meta } from "../storage/meta.ts";

const TOUCHED = "durable-touched";
const FORKS = "durable-forks";
const GONE = "durable-gone";
const SOURCE = "durable-source";

/** A read is noted on disk only when so much of the time to live has passed since the last note: a row costs more than a read. */
const NOTE_AT = 0.05;

/**
 * How long a stream of the Durable Streams protocol stays, and what still holds on to it: when it was last used,
 * what branched off it, whether it was deleted meanwhile, and what it branched off itself. Not of the log: reading
 * changes it.
 */
export class Lease {
  readonly #meta: Meta;
  #touched: number | undefined;
  #noted = 0;

  constructor(meta: Meta) {
    this.#meta = meta;
  }

  /** When the stream goes, milliseconds since 1970; Infinity for never. */
  until({ ttl, expiresAt }: DurableConfig): number {
    if (expiresAt !== undefined) return Date.parse(expiresAt);
    return ttl === undefined ? Infinity : this.#lastUse() + ttl * 1000;
  }

  /** The stream is used: what it has to live begins anew. */
  touch({ ttl }: DurableConfig, now: number): void {
    if (ttl === undefined) return;
    if (this.#touched === undefined) this.#lastUse();
    this.#touched = now;
    if (now - this.#noted < ttl * 1000 * NOTE_AT) return;
    this.#noted = now;
    this.#meta.set(TOUCHED, String(now));
  }

  /** Streams that branched off this one and are still there. */
  get forks(): readonly string[] {
    return JSON.parse(this.#meta.get(FORKS) ?? "[]") as readonly string[];
  }

  set forks(names: readonly string[]) {
    if (names.length === 0) this.#meta.remove(FORKS);
    else this.#meta.set(FORKS, JSON.stringify(names));
  }

  /** Deleted, while others that branched off it are still there: its name is not free yet. */
  get gone(): boolean {
    return this.#meta.get(GONE) !== undefined;
  }

  set gone(is: boolean) {
    if (is) this.#meta.set(GONE, "1");
    else this.#meta.remove(GONE);
  }

  /** What this stream branched off. Kept until its own name is free. */
  get source(): string | undefined {
    return this.#meta.get(SOURCE);
  }

  set source(name: string | undefined) {
    if (name === undefined) this.#meta.remove(SOURCE);
    else this.#meta.set(SOURCE, name);
  }

  /** The next stream of this name begins with nothing of this one. */
  end(): void {
    this.#touched = undefined;
    this.#noted = 0;
    this.#meta.remove(TOUCHED);
  }

  #lastUse(): number {
    if (this.#touched === undefined) {
      this.#noted = Number(this.#meta.get(TOUCHED) ?? 0);
      this.#touched = this.#noted;
    }
    return this.#touched;
  }
}
