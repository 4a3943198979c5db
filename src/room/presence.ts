import type { PresenceRecord } from "../protocol/room/presence.ts";

/** The least time between two roster messages, in milliseconds, and what each member adds to it. */
const MIN_INTERVAL = 50;
const MAX_INTERVAL = 250;

/**
 * Who is here. Changes gather and go out merged: the first at once, then the larger the room the
 * rarer, so that many moving people cost each watcher a few messages a second.
 */
export class Roster {
  readonly #members = new Map<string, PresenceRecord>();
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  #lastSent = 0;

  get size(): number {
    return this.#members.size;
  }

  has(conn: string): boolean {
    return this.#members.has(conn);
  }

  /** A member as it was before hibernation: no news to anybody. */
  restore(conn: string, record: PresenceRecord): void {
    this.#members.set(conn, record);
  }

  set(conn: string, record: PresenceRecord): void {
    this.#members.set(conn, record);
    this.#changed.add(conn);
    this.#gone.delete(conn);
  }

  /** Whether it was there. */
  remove(conn: string): boolean {
    if (!this.#members.delete(conn)) return false;
    this.#changed.delete(conn);
    this.#gone.add(conn);
    return true;
  }

  /** Everybody, in the order in which they joined. */
  list(): readonly PresenceRecord[] {
    return [...this.#members.values()];
  }

  all(): Record<string, PresenceRecord> {
    return Object.fromEntries(this.#members);
  }

  /** Milliseconds until the gathered changes may go out; undefined when there are none. */
  due(now: number): number | undefined {
    if (this.#changed.size === 0 && this.#gone.size === 0) return undefined;
    const interval = Math.min(MIN_INTERVAL + this.#members.size, MAX_INTERVAL);
    return Math.max(0, this.#lastSent + interval - now);
  }

  /** The gathered changes as a `presence` message. */
  take(now: number): string {
    const set: Record<string, PresenceRecord> = {};
    for (const conn of this.#changed) {
      const record = this.#members.get(conn);
      if (record !== undefined) set[conn] = record;
    }
    const text = JSON.stringify({ t: "presence", set, gone: [...this.#gone] });
    this.#changed.clear();
    this.#gone.clear();
    this.#lastSent = now;
    return text;
  }

  /** The whole roster, for one that missed changes. */
  full(): string {
    return JSON.stringify({ t: "presence", all: true, set: this.all(), gone: [] });
  }
}
