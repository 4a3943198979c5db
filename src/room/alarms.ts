import type { Host } from "./host/host.ts";

/** What a room may have to do at some later time: these, and whatever a room class names itself. */
export type Task = "expire" | "sweep" | (string & {});

/** The platform takes no alarm for a later time. One that goes off too early finds nothing due, and is set again. */
const LATEST = Date.UTC(2189, 0);

/**
 * An object has one alarm; a room may have several things to do. They are kept in a table, and the
 * alarm is set to the earliest.
 */
export class Alarms {
  readonly #host: Host;
  #planned: Map<string, number> | undefined;
  /** The alarm has gone off, and is set for what is left: there is none to restore. */
  #rung = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** After a wake: sets the alarm again where the platform has lost it, as it does with one that fails too often. */
  async restore(): Promise<void> {
    const next = earliest(this.#load());
    if (next === undefined) return;
    const at = await this.#host.alarm.get();
    const planned = earliest(this.#load());
    if (planned !== undefined && !this.#rung && (at === null || at > next)) this.#set(planned);
  }

  /** Plans a task unless it is planned already. */
  plan(task: Task, at: number): void {
    const planned = this.#load();
    if (planned.has(task)) return;
    const next = earliest(planned);
    this.#store(task, at, next);
  }

  has(task: Task): boolean {
    return this.#load().has(task);
  }

  /** Plans a task for this time, whatever it was planned for. */
  replan(task: Task, at: number): void {
    const others = new Map(this.#load());
    others.delete(task);
    this.#store(task, at, earliest(others));
  }

  cancel(task: Task): void {
    const planned = this.#load();
    if (!planned.has(task)) return;
    this.#host.sql.exec("DELETE FROM alarms WHERE task = ?", task);
    planned.delete(task);
  }

  /** When a task is planned for, milliseconds since 1970. */
  timeOf(task: Task): number | undefined {
    return this.#load().get(task);
  }

  /** Takes the tasks that are due off the table, and sets the alarm for the next. */
  takeDue(now: number): readonly string[] {
    this.#rung = true;
    const planned = this.#load();
    const due = [...planned].filter(([, at]) => at <= now).map(([task]) => task);
    for (const task of due) {
      planned.delete(task);
      this.#host.sql.exec("DELETE FROM alarms WHERE task = ?", task);
    }
    const next = earliest(planned);
    if (next !== undefined) this.#set(next);
    return due;
  }

  /** Forgets what memory says, after a transaction was undone. */
  reload(): void {
    this.#planned = undefined;
  }

  /** `next`: when the first of the other tasks is due. Memory changes last: where storage fails, it is as before. */
  #store(task: Task, at: number, next: number | undefined): void {
    this.#host.sql.exec("INSERT OR REPLACE INTO alarms (task, at) VALUES (?, ?)", task, Math.ceil(at));
    if (next === undefined || at < next) this.#set(at);
    this.#load().set(task, at);
  }

  #load(): Map<string, number> {
    this.#planned ??= new Map(
      this.#host.sql
        .exec<{ task: string; at: number }>("SELECT task, at FROM alarms")
        .toArray()
        .map(({ task, at }) => [task, at]),
    );
    return this.#planned;
  }

  #set(at: number): void {
    this.#host.alarm.set(Math.max(1, Math.min(Math.ceil(at), LATEST)));
  }
}

function earliest(planned: ReadonlyMap<string, number>): number | undefined {
  return planned.size === 0 ? undefined : Math.min(...planned.values());
}
