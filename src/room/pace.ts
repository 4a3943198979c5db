/** The longest that a busy room waits for more before it flushes, in milliseconds. */
const PATIENCE = 2;

/**
 * When to flush. One commit is under way at a time; what arrives meanwhile waits for the next (group
 * commit). A room that last flushed one op flushes the next at once, so an idle one never waits; one
 * that last flushed many waits until as many have come again, or a moment.
 */
export class Pace {
  readonly #staged: () => number;
  readonly #flush: () => void;
  readonly #durable: () => Promise<void>;
  #expected = 1;
  #committing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: { readonly staged: () => number; readonly flush: () => void; readonly durable: () => Promise<void> }) {
    this.#staged = room.staged;
    this.#flush = room.flush;
    this.#durable = room.durable;
  }

  /** Call at the end of every turn that may have staged something. */
  turn(): void {
    const staged = this.#staged();
    if (staged === 0 || this.#committing) return;
    if (staged >= this.#expected) {
      this.now();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        if (!this.#committing) this.now();
      }, PATIENCE);
    }
  }

  /** Flushes without waiting: before anything that must see, or replace, all that was staged. */
  now(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const staged = this.#staged();
    if (staged === 0) return;
    this.#expected = staged;
    this.#flush();
    if (this.#committing) return;
    this.#committing = true;
    // A failed write breaks the object's output gate; the platform then restarts it from storage.
    const settled = (): void => {
      this.#committing = false;
      this.turn();
    };
    this.#durable().then(settled, settled);
  }
}
