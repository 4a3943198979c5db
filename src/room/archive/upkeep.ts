import { Archive, type ArchiveParts } from "./archive.ts";
import type { Chore, Chores } from "../chores.ts";
import { Forward } from "./forward.ts";
import type { Pointer } from "./pointer.ts";

/** How soon what is published goes on, in milliseconds. */
export interface Pauses {
  /** Into the archive, at the latest; sooner when a whole object has gathered. */
  readonly archive: number;
  /** To the queue. */
  readonly forward: number;
  /** To the queue once more, when nothing was counted; twice as long each time, up to an hour. */
  readonly again: number;
}

export const PAUSES: Pauses = { archive: 60_000, forward: 5_000, again: 30_000 };

const LONGEST_AGAIN = 3_600_000;

export interface UpkeepParts extends Omit<ArchiveParts, "bucket"> {
  /** The stream's id. */
  readonly stream: string;
  readonly bucket: R2Bucket | undefined;
  readonly queue: Queue<Pointer> | undefined;
  readonly chores: Chores;
  readonly pauses: Pauses;
}

/** What becomes of a stream's events beside being sent to its readers. None of it holds them up, or can fail them. */
export class Upkeep {
  readonly archive: Archive | undefined;
  readonly forward: Forward | undefined;
  readonly #parts: UpkeepParts;
  /** Chores that are running, or failed and come again by themselves: no commit hurries those. */
  readonly #busy = new Set<string>();
  #again: number;
  #countedBefore = 0;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#again = parts.pauses.again;
    const { bucket, queue } = parts;
    this.archive = bucket === undefined ? undefined : new Archive({ ...parts, bucket });
    this.forward = queue === undefined ? undefined : new Forward({ ...parts, queue });
  }

  /** In the transaction of each commit, and of a history that replaces another: plans what is to be done. */
  plan(): void {
    const { chores, pauses } = this.#parts;
    const now = this.#parts.clock.now();
    if (this.archive !== undefined && !this.#busy.has("archive")) chores.plan("archive", now + pauses.archive);
    if (this.forward !== undefined && !this.#busy.has("forward")) chores.plan("forward", now + pauses.forward);
  }

  /** After a commit: the archive does not wait for its time once a whole object has gathered. */
  hurry(): void {
    const { chores, clock } = this.#parts;
    if (this.archive?.full === true && !this.#busy.has("archive")) chores.plan("archive", clock.now());
  }

  /**
   * No op after this one may be dropped from the log. What is archived can be counted from there; without an archive
   * the log waits for the counts, as long.
   */
  floor(): number {
    if (this.archive !== undefined) return this.archive.floor();
    if (this.forward === undefined) return Infinity;
    const { ledger, backlogBytes } = this.#parts;
    const { counted } = this.forward;
    return ledger.tailBytes(counted) > backlogBytes ? Infinity : counted;
  }

  /** By the names under which they are planned. */
  get chores(): Readonly<Record<UpkeepChore, Chore>> {
    return {
      archive: () =>
        this.#do("archive", async () => {
          await this.archive?.write();
        }),
      forward: () =>
        this.#do("forward", async () => {
          await this.#tell();
          this.#parts.chores.plan("recount", this.#parts.clock.now() + this.#again);
        }),
      recount: () => this.#recount(),
    };
  }

  async #do(name: UpkeepChore, work: () => Promise<void>): Promise<void> {
    this.#busy.add(name);
    await work();
    this.#busy.delete(name);
    const { archive, forward } = this;
    // What was committed meanwhile planned nothing.
    if (name === "archive" ? (archive?.backlog ?? 0) > 0 : forward?.told === false) {
      this.plan();
      this.hurry();
    }
  }

  /** Whether the consumer gets on; if not, it is told again, less and less often. */
  async #recount(): Promise<void> {
    const { forward } = this;
    const { chores, pauses } = this.#parts;
    const counted = forward?.counted ?? 0;
    const goesOn = counted > this.#countedBefore;
    this.#countedBefore = counted;
    this.#again = goesOn ? pauses.again : Math.min(this.#again * 2, LONGEST_AGAIN);
    if (forward?.owes !== true) {
      this.#again = pauses.again;
      return;
    }
    if (!goesOn) await this.#tell();
    chores.plan("recount", this.#parts.clock.now() + this.#again);
  }

  async #tell(): Promise<void> {
    await this.forward?.tell();
  }
}

export type UpkeepChore = "archive" | "forward" | "recount";

/** The chores of a room whose upkeep is made when it is first needed. */
export function choresOf(upkeep: () => Upkeep): Readonly<Record<UpkeepChore, Chore>> {
  return {
    archive: (now) => upkeep().chores.archive(now),
    forward: (now) => upkeep().chores.forward(now),
    recount: (now) => upkeep().chores.recount(now),
  };
}
