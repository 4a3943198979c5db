import { utf8Length } from "./bytes.ts";
import type { Head } from "./kept.ts";
import type { Receipts, Survey } from "./receipts.ts";
import { checkpointText, writeCheckpoint } from "./storage/checkpoint.ts";
import type { Chunks } from "./storage/chunks.ts";

/** Below this much tail a checkpoint is not worth its row. Bytes. */
export const MIN_TAIL_BYTES = 64 * 1024;
/** A checkpoint has at most so many times the bytes of the log that it takes in, so that what is written stays under three times the log. */
const BYTES_PER_LOGGED_BYTE = 2;

/** What memory knows of the stored checkpoint. */
export interface CheckpointMark {
  /** The op that it ends with, and the log's running total there. */
  readonly seq: number;
  readonly total: number;
  /** Size of the state alone, and of state and receipts together, in UTF-16 units. 0: there is none. */
  readonly stateUnits: number;
  readonly units: number;
  /** Above this much tail, in bytes, the next one is considered. */
  readonly dueAt: number;
}

export const NO_CHECKPOINT: CheckpointMark = { seq: 0, total: 0, stateUnits: 0, units: 0, dueAt: MIN_TAIL_BYTES };

export function markOf(stored: Omit<CheckpointMark, "dueAt">): CheckpointMark {
  return { ...stored, dueAt: Math.max(MIN_TAIL_BYTES, stored.units) };
}

/** A checkpoint that is not yet stored: the state's text, and that of all of it. */
interface Draft {
  readonly survey: Survey;
  readonly state: string;
  readonly text: string;
}

/** Writes the state and the receipts that a wake begins with, when the tail of the log has outgrown them. */
export class Checkpoints<State> {
  readonly #chunks: Chunks;
  readonly #kindVersion: number;
  readonly #connected: () => ReadonlySet<string>;
  /** The stored one. To be put back where the transaction that wrote another is undone. */
  mark = NO_CHECKPOINT;

  /** `connected`: the clients that are here now, whose receipts stay. */
  constructor(chunks: Chunks, kindVersion: number, connected: () => ReadonlySet<string>) {
    this.#chunks = chunks;
    this.#kindVersion = kindVersion;
    this.#connected = connected;
  }

  /** Whether it is small enough to be written for a trim or an erasure alone, whatever the tail. */
  get isSmall(): boolean {
    return this.mark.units <= MIN_TAIL_BYTES;
  }

  /** Writes one now. Answers the state's text. */
  write(state: State, head: Head, receipts: Receipts): string {
    return this.#store(this.#draft(state, head, receipts), head, receipts);
  }

  /**
   * Writes one if the tail has outgrown state and receipts, unless it would cost too much for the tail that it takes in;
   * then it is considered again when the tail has grown to be worth it, and by a quarter at least.
   */
  writeIfDue(state: State, head: Head, receipts: Receipts): void {
    const tail = head.total - this.mark.total;
    if (tail <= this.mark.dueAt) return;
    const draft = this.#draft(state, head, receipts);
    const bytes = utf8Length(draft.text);
    if (bytes <= BYTES_PER_LOGGED_BYTE * tail) this.#store(draft, head, receipts);
    else this.mark = { ...this.mark, dueAt: Math.max(bytes / BYTES_PER_LOGGED_BYTE, tail * 1.25) };
  }

  #draft(state: State, { seq, at, total }: Head, receipts: Receipts): Draft {
    const text = JSON.stringify(state);
    const survey = receipts.survey(at, seq, this.#connected());
    const { kept, horizon } = survey;
    const about = { seq, at, total, kindVersion: this.#kindVersion, horizon, receipts: kept };
    return { survey, state: text, text: checkpointText({ ...about, state: text }) };
  }

  #store({ survey, state, text }: Draft, { seq, total }: Head, receipts: Receipts): string {
    writeCheckpoint(this.#chunks, text);
    receipts.forget(survey);
    this.mark = markOf({ seq, total, stateUnits: state.length, units: text.length });
    return state;
  }
}
