import type { Clock } from "./host/host.ts";

/** The longest that a busy room waits for what it expects before it flushes, in milliseconds. */
const PATIENCE = 1;
/** And so much longer for each connection that a flush goes to: sending it takes about twice that. */
const PATIENCE_EACH = 0.006;
const MAX_PATIENCE = 8;
/** How much more than the last flush had a room expects, at least, once it has seen that more was waiting. */
const GROWTH = 1.5;

/**
 * When to flush. A room that expects one op, as an idle one does, flushes in the turn in which it came. One
 * commit is under way at a time. What comes meanwhile, or in the same moment as it is durable, was waiting
 * for it, so the room then expects more at once than it had; it flushes when that is there, or after a
 * moment, and then expects what there was.
 *
 * The moment right after the commit matters because workerd hands over the next message of a socket only
 * when the writes of the one before are durable: that is where a queue of thirty shows.
 */
export class Pace {
  readonly #staged: () => number;
  readonly #flush: () => void;
  readonly #durable: () => Promise<void>;
  readonly #audience: () => number;
  readonly #clock: Clock;
  #expected = 1;
  #flushed = 0;
  #phase: "quiet" | "committing" | "listening" = "quiet";
  /** Ends the wait for more ops; undefined when there is none. */
  #stopWaiting: (() => void) | undefined;

  /** `audience`: how many connections a flush goes to. */
  constructor(room: {
    readonly staged: () => number;
    readonly flush: () => void;
    readonly durable: () => Promise<void>;
    readonly audience: () => number;
    readonly clock: Clock;
  }) {
    this.#staged = room.staged;
    this.#flush = room.flush;
    this.#durable = room.durable;
    this.#audience = room.audience;
    this.#clock = room.clock;
  }

  /** Call at the end of every turn that may have staged something. */
  turn(): void {
    const staged = this.#staged();
    if (staged === 0 || this.#phase === "committing") return;
    if (this.#phase === "listening") {
      this.#phase = "quiet";
      this.#expected = Math.max(this.#expected, this.#flushed + staged, Math.ceil(this.#flushed * GROWTH));
    }
    if (staged >= this.#expected) this.now();
    else this.#stopWaiting ??= this.#clock.after(this.#patience(), () => this.#tooLate());
  }

  /** Flushes without waiting: before anything that must see, or replace, all that was staged. */
  now(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    const staged = this.#staged();
    if (staged === 0) return;
    this.#flushed = staged;
    this.#flush();
    if (this.#phase === "committing") return;
    this.#phase = "committing";
    const done = (): void => this.#committed();
    // A failed write breaks the object's output gate; the platform then restarts it from storage.
    this.#durable().then(done, done);
  }

  #patience(): number {
    return Math.min(PATIENCE + this.#audience() * PATIENCE_EACH, MAX_PATIENCE);
  }

  #tooLate(): void {
    this.#stopWaiting = undefined;
    if (this.#phase === "committing") return;
    this.#expected = this.#staged();
    this.now();
  }

  #committed(): void {
    this.#phase = "listening";
    this.turn();
    // Nothing to wait for: this resolves as soon as the platform has looked for messages once.
    if (this.#phase !== "listening") return;
    const quiet = (): void => {
      if (this.#phase === "listening") this.#phase = "quiet";
    };
    this.#durable().then(quiet, quiet);
  }
}
