import type { Clock } from "../host.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

/** Time that passes only when it is told to. Timers of the same moment run in the order in which they were set. */
export class ManualClock implements Clock {
  /** Milliseconds since 1970. */
  time: number;
  readonly #timers = new Set<Timer>();
  #order = 0;

  constructor(time: number) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  after(delay: number, work: () => void): () => void {
    const timer: Timer = { at: this.time + Math.max(0, delay), order: (this.#order += 1), work };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** When the next timer is due; undefined when there is none. */
  get next(): number | undefined {
    return this.#first()?.at;
  }

  /** Runs the next timer at its time, if there is one until then. */
  step(until = Infinity): boolean {
    const timer = this.#first();
    if (timer === undefined || timer.at > until) return false;
    this.#timers.delete(timer);
    this.time = Math.max(this.time, timer.at);
    timer.work();
    return true;
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}
