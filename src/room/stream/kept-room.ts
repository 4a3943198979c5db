import { refuse } from "../../protocol/refusal.ts";
import type { Failed, HistoryPage, HistoryRun } from "../api.ts";
import type { Archive } from "../archive/archive.ts";
import { toFailed } from "../commits.ts";
import { opsOf } from "../migrate.ts";
import type { Past } from "../past.ts";
import type { Pointer } from "../archive/pointer.ts";
import type { StreamPageRequest } from "./api.ts";
import { StreamRoom } from "./room.ts";
import { choresOf, PAUSES, Upkeep, type Pauses } from "../archive/upkeep.ts";

/** How much of the log may wait for the archive, or for the counts, when the room sets nothing else. */
const BACKLOG_BYTES = 1024 * 1024 * 1024;

/**
 * A stream whose events outlive its log: they are archived in a bucket, and a queue is told to count them. Name the
 * bindings of either or both:
 *
 * ```ts
 * export class Streams extends KeptStreamRoom<Env> {
 *   override readonly bucket = this.env.ARCHIVE;
 *   override readonly queue = this.env.EVENTS;
 * }
 * ```
 */
export class KeptStreamRoom<Env = unknown> extends StreamRoom<Env> {
  /** Where events go before the log drops them. Without it, dropped is gone. */
  protected readonly bucket: R2Bucket | undefined = undefined;
  /** Where it is said that there are events to be counted. Without it, nobody counts. */
  protected readonly queue: Queue<Pointer> | undefined = undefined;
  /** Bytes of log that may wait while the archive or the counts are down; past it retention drops them all the same. */
  protected readonly backlogBytes: number = BACKLOG_BYTES;
  protected readonly pauses: Pauses = PAUSES;

  protected override readonly chores = { ...this.lapse, ...this.forgetting, ...choresOf(() => this.#upkeep) };

  #kept: Upkeep | undefined;

  get #upkeep(): Upkeep {
    const { store, ledger, chores } = this.engine;
    this.#kept ??= new Upkeep({
      bucket: this.bucket,
      queue: this.queue,
      backlogBytes: this.backlogBytes,
      pauses: this.pauses,
      stream: this.host.name ?? "",
      folder: this.#folder(),
      kind: this.kind,
      clock: this.host.clock,
      store,
      ledger,
      chores,
    });
    return this.#kept;
  }

  /** The stream's id as a path segment. A bucket's keys have at most 1,024 bytes; too long a one gives way to a hash of it. */
  #folder(): string {
    const encoded = encodeURIComponent(this.host.name ?? "");
    return encoded.length > 0 && encoded.length <= 800 ? encoded : `=${this.host.id}`;
  }

  protected override floor(): number {
    return this.#upkeep.floor();
  }

  protected override plan(): void {
    super.plan();
    this.#upkeep.plan();
  }

  protected override committed(last: number): void {
    super.committed(last);
    this.#upkeep.hurry();
  }

  /** What the consumer of the queue says when it has counted everything up to `last`. */
  async counted(epoch: string, last: number): Promise<void> {
    this.#upkeep.forward?.acknowledge(epoch, last);
  }

  override page(asked: StreamPageRequest): Promise<{ readonly text: string } | Failed> {
    return this.#reading(super.page(asked));
  }

  override async history(range: { readonly from?: number; readonly limit?: number }): Promise<HistoryPage | Failed> {
    const page = await this.#reading(this.#history(range));
    const { position, state } = this.engine.ledger;
    const inherited = state.durable?.fork?.seq;
    if ("ok" in page || inherited === undefined || page.epoch !== position.epoch) return page;
    return { ...page, inherited };
  }

  /** Goes on from the archive where the log no longer reaches. */
  async #history(range: { readonly from?: number; readonly limit?: number }): Promise<HistoryPage | Failed> {
    const { oldest, position } = this.engine.ledger;
    const { past } = this;
    const { from = Math.min(past.oldest, oldest), limit = 100 } = range;
    const archived = from >= past.oldest && from < oldest ? await past.read(from - 1) : undefined;
    if (archived === undefined) {
      const page = await super.history({ ...range, from });
      return "ok" in page ? page : { ...page, oldest: Math.min(page.oldest, past.oldest) };
    }
    const runs: HistoryRun[] = [];
    let last = from - 1;
    for (const run of archived) {
      const { seq, at, entries } = opsOf(run.body);
      runs.push({ seq, at, entries: entries as HistoryRun["entries"] });
      last = run.last;
      if (last - from + 1 >= limit) break;
    }
    const next = last < position.seq ? { next: last + 1 } : {};
    return { epoch: position.epoch, runs, oldest: Math.min(past.oldest, this.engine.ledger.oldest), ...next };
  }

  /** The answer, or why there is none while the bucket is down. */
  async #reading<T>(answer: Promise<T>): Promise<T | Failed> {
    try {
      return await answer;
    } catch (error) {
      console.error("roomcast: stream: the archive could not be read", error);
      return toFailed(refuse("storage_failed", "What was asked for could not be read."));
    }
  }

  protected override get past(): Past {
    // Asked for while the room is being built, and again whenever it is read.
    const archive = (): Archive | undefined => this.#upkeep.archive;
    return {
      get oldest() {
        return archive()?.oldest ?? Infinity;
      },
      read: async (after) => archive()?.read(after),
      seqAt: async (at) => archive()?.seqAt(at),
    };
  }
}
