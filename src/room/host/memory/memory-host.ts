import type { Clock, Host, HostAlarm, HostSockets, Sql } from "../host.ts";
import type { Disk } from "./disk.ts";
import type { MemorySocket } from "./socket.ts";

/** What an object keeps while its memory comes and goes. */
export interface ObjectParts {
  readonly id: string;
  readonly name: string | undefined;
  readonly disk: Disk;
  readonly sockets: Set<MemorySocket>;
  /** Passes on what a socket of the object sends, once everything written before is durable. */
  readonly gate: (leave: () => void) => void;
  /** Resolves once what was written so far is durable. */
  readonly durable: () => Promise<void>;
}

/**
 * A room's host for as long as its memory lasts. After `end` (a sleep or a crash) it refuses everything, so that what is
 * left of the room can do no more.
 */
export class MemoryHost implements Host {
  readonly id: string;
  readonly name: string | undefined;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly alarm: HostAlarm;
  readonly sockets: HostSockets;
  readonly #object: ObjectParts;
  readonly #timers = new Set<() => void>();
  #ended = false;

  constructor(object: ObjectParts, clock: Clock) {
    this.#object = object;
    this.id = object.id;
    this.name = object.name;
    const { disk } = object;
    this.sql = {
      exec: (query, ...bindings) => {
        this.#check();
        return disk.sql.exec(query, ...bindings);
      },
    };
    this.clock = {
      now: () => clock.now(),
      after: (delay, work) => this.#after(clock, delay, work),
    };
    this.alarm = {
      get: async () => disk.alarm,
      set: (at) => {
        this.#check();
        disk.setAlarm(at);
      },
    };
    this.sockets = {
      accept: (socket) => {
        this.#check();
        const accepted = socket as MemorySocket;
        accepted.gate = object.gate;
        object.sockets.add(accepted);
      },
      all: () => [...object.sockets],
      pingedAt: (socket) => (socket as MemorySocket).pingedAt,
    };
  }

  transaction<T>(work: () => T): T {
    this.#check();
    return this.#object.disk.transaction(work);
  }

  durable(): Promise<void> {
    this.#check();
    return this.#object.durable();
  }

  /** Timers that are set: while there are any, the platform would not let the object sleep. */
  get timers(): number {
    return this.#timers.size;
  }

  end(): void {
    this.#ended = true;
    for (const stop of this.#timers) stop();
    this.#timers.clear();
  }

  get ended(): boolean {
    return this.#ended;
  }

  #after(clock: Clock, delay: number, work: () => void): () => void {
    // An object that has ended is not told so: what it waits for never comes.
    if (this.#ended) return () => {};
    const stop = clock.after(delay, () => {
      this.#timers.delete(stop);
      work();
    });
    this.#timers.add(stop);
    return () => {
      this.#timers.delete(stop);
      stop();
    };
  }

  #check(): void {
    if (this.#ended) throw new Error("The object that this room was part of has ended.");
  }
}
