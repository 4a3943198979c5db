import type { DurableConfig } from "../../kinds/stream/durable/types.ts";
import type { Meta } from "../storage/meta.ts";

const TOUCHED = "durable-touched";
const GONE = "durable-gone";

/** A read is noted on disk only when so much of the time to live has passed since the last note: a row costs more than a read. */
const NOTE_AT = 0.05;

/**
 * How long a stream of the Durable Streams protocol stays: when it was last used. Not of the log, since reading changes
 * it.
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

  /** Deleted, while others that branched off it are still there. Older code noted it here alone; now it is in the state. */
  get gone(): boolean {
    return this.#meta.get(GONE) !== undefined;
  }

  /** The name is free again. */
  free(): void {
    this.#meta.remove(GONE);
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
