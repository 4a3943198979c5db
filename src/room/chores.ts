import type { Clock } from "./host/host.ts";
import type { Alarms } from "./alarms.ts";

/** Work that may take its time. `now` is in milliseconds since 1970. What rejects is tried again, later each time. */
export type Chore = (now: number) => Promise<void>;

/** A chore that the object did not live to finish begins again after this long, in milliseconds. */
const LEASE = 60_000;
/** The least and the most time between tries of a chore that fails, in milliseconds. */
const FIRST_RETRY = 2_000;
const LAST_RETRY = 5 * 60_000;

/**
 * Work of a room's own beside the log, called for by the alarm: it may wait for others, and fail. The room goes on
 * meanwhile, and a chore that fails is tried again, later each time.
 */
export class Chores {
  readonly #alarms: Alarms;
  readonly #chores: Readonly<Record<string, Chore>>;
  readonly #kind: string;
  readonly #clock: Clock;
  readonly #due = new Set<string>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();

  constructor(alarms: Alarms, chores: Readonly<Record<string, Chore>>, kind: string, clock: Clock) {
    this.#alarms = alarms;
    this.#chores = chores;
    this.#kind = kind;
    this.#clock = clock;
  }

  /** Takes on a task that is due, within the alarm's transaction. */
  begin(task: string, now: number): void {
    if (!Object.hasOwn(this.#chores, task)) return;
    const running = this.#running.has(task);
    this.#alarms.plan(task, now + (running ? FIRST_RETRY : LEASE));
    if (!running) this.#due.add(task);
  }

  /** Plans a chore for `at` (milliseconds since 1970) at the latest; one that is running, for another time after it. */
  plan(task: string, at: number): void {
    const planned = this.#alarms.timeOf(task);
    if (planned === undefined || planned > at || this.#running.has(task)) this.#alarms.replan(task, at);
  }

  /** Does what was taken on. Never rejects: the platform would call everything again, what has been done too. */
  async work(now: number): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    await Promise.all(due.map((task) => this.#do(task, now)));
  }

  async #do(task: string, now: number): Promise<void> {
    this.#running.add(task);
    try {
      const leased = this.#alarms.timeOf(task);
      await this.#chores[task]?.(now);
      this.#failures.delete(task);
      if (this.#alarms.timeOf(task) === leased) this.#alarms.cancel(task);
    } catch (error) {
      const failures = (this.#failures.get(task) ?? 0) + 1;
      this.#failures.set(task, failures);
      this.#retry(task, Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY));
      console.warn(`roomcast: ${this.#kind}: ${task} failed ${failures} times in a row`, error);
    } finally {
      this.#running.delete(task);
    }
  }

  #retry(task: string, delay: number): void {
    try {
      this.#alarms.replan(task, this.#clock.now() + delay);
    } catch (error) {
      // It is planned already, for the end of its lease.
      console.error(`roomcast: ${this.#kind}: another try of ${task} could not be planned`, error);
    }
  }
}
