import type { Clock } from "../host/host.ts";
import { formatVersion, parseVersion, type Position } from "../../protocol/position.ts";
import type { Pointer } from "./pointer.ts";
import type { Store } from "../storage/store.ts";
import { PATIENCE, within } from "./within.ts";

export interface ForwardParts {
  readonly clock: Clock;
  readonly queue: Queue<Pointer>;
  /** The stream's id. */
  readonly stream: string;
  readonly store: Store;
  readonly ledger: { readonly position: Position };
}

/** The keys of `meta`: how far the events are counted, and how far the queue was told of them. */
const COUNTED = "counted";
const TOLD = "told";

/**
 * Tells a queue that there are events to be counted. The messages are small and may be lost or doubled: what counts
 * is what the consumer says it has counted, and until it does, it is told again.
 */
export class Forward {
  readonly #parts: ForwardParts;
  readonly #read = new Map<string, Position>();

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  /** The newest op that is counted. */
  get counted(): number {
    return this.#seqOf(COUNTED);
  }

  /** Whether the queue was told of everything. */
  get told(): boolean {
    return this.#seqOf(TOLD) >= this.#parts.ledger.position.seq;
  }

  /** Whether there is anything that the consumer has not said it has counted. */
  get owes(): boolean {
    return this.counted < this.#parts.ledger.position.seq;
  }

  /** Tells the queue how far the log reaches. Rejects when the queue does. */
  async tell(): Promise<void> {
    if (!this.owes) return;
    const { clock, queue, stream, ledger } = this.#parts;
    const { epoch, seq: last } = ledger.position;
    await within(clock, PATIENCE, queue.send({ stream, epoch, last }));
    if (ledger.position.epoch === epoch) this.#write(TOLD, { epoch, seq: last });
  }

  /** What the consumer says. It may say it twice, or late. */
  acknowledge(epoch: string, last: number): void {
    const { position } = this.#parts.ledger;
    if (epoch !== position.epoch || last <= this.counted) return;
    this.#write(COUNTED, { epoch, seq: Math.min(last, position.seq) });
  }

  #seqOf(key: string): number {
    const { store, ledger } = this.#parts;
    const { epoch } = ledger.position;
    let known = this.#read.get(key);
    if (known?.epoch !== epoch) {
      const text = store.born ? store.meta.get(key) : undefined;
      const stored = text === undefined ? undefined : parseVersion(text);
      known = stored?.epoch === epoch ? stored : { epoch, seq: 0 };
      this.#read.set(key, known);
    }
    return known.seq;
  }

  #write(key: string, position: Position): void {
    this.#parts.store.meta.set(key, formatVersion(position));
    this.#read.set(key, position);
  }
}
