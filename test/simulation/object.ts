import { HOST } from "../../src/room/host/durable-object.ts";
import { Disk } from "../../src/room/host/memory/disk.ts";
import { MemoryHost } from "../../src/room/host/memory/memory-host.ts";
import type { MemorySocket } from "../../src/room/host/memory/socket.ts";
import type { Chance } from "./random.ts";
import type { Timeline } from "./platform/timeline.ts";

/** A room as the platform sees it: what it may be called by. RPC calls anything else by its name. */
export interface RoomInstance {
  fetch(request: Request): Promise<Response>;
  webSocketMessage(socket: unknown, data: string | ArrayBuffer): void;
  webSocketClose(socket: unknown, code?: number): void;
  alarm(): Promise<void>;
}

export type RoomConstructor = new (state: never, env: never) => RoomInstance;

/** Thrown by a statement at which the machine stops. */
export class PowerCut extends Error {}

/** Where a crash may come: at a statement, when a write was about to be durable, or just was and nobody knows yet. */
export type CrashPoint = { readonly at: "statement"; readonly after: number } | { readonly at: "commit" | "committed" };

/** What storage does instead of working. `after` counts statements. */
export type StorageFault =
  | { readonly fails: "once"; readonly after: number }
  | { readonly fails: "all" | "writes"; readonly until: number };

export interface ObjectOptions {
  readonly name: string;
  readonly env: unknown;
  readonly timeline: Timeline;
  readonly chance: Chance;
  /** The class of today: a deploy may bring another. */
  readonly room: () => RoomConstructor;
  /** Called with what the platform would log and nobody catches. */
  readonly uncaught: (error: unknown) => void;
}

const RETRY_MS = 2_000;
const RETRIES = 6;

/**
 * One Durable Object as the platform runs it: it is woken by events and put to sleep, its writes become durable a moment
 * after they were made, what it says waits for that, and it may end at any moment.
 */
export class SimulatedObject {
  readonly name: string;
  readonly disk = new Disk();
  readonly sockets = new Set<MemorySocket>();
  /** The machine's clock is ahead of the world's by this, in milliseconds. */
  skew = 0;
  /** How late alarms come, in milliseconds. */
  alarmLateness = 0;
  crashes = 0;
  sleeps = 0;
  readonly #options: ObjectOptions;
  #host: MemoryHost | undefined;
  #room: RoomInstance | undefined;
  #crashPoint: CrashPoint | undefined;
  #fault: StorageFault | undefined;
  #statements = 0;
  #cut = false;
  #held: (() => void)[] = [];
  #waiting: (() => void)[] = [];
  #commitPlanned: (() => void) | undefined;
  #alarmPlanned: { readonly at: number; readonly cancel: () => void } | undefined;
  /** The alarm whose handler has not ended. */
  #ringing: number | undefined;
  #alarmFailures = 0;
  readonly #calls = new Set<(error: Error) => void>();

  constructor(options: ObjectOptions) {
    this.name = options.name;
    this.#options = options;
    this.disk.hook = (query, writes) => this.#beforeStatement(query, writes);
  }

  get awake(): boolean {
    return this.#room !== undefined;
  }

  /** The room, woken if it sleeps. For checks: events go through the other methods. */
  wake(): RoomInstance {
    if (this.#room !== undefined) return this.#room;
    const { timeline, room: Room, env } = this.#options;
    const clock = {
      now: () => Math.floor(timeline.time + this.skew),
      after: (delay: number, work: () => void) => timeline.after(delay, () => this.#turn(work)),
    };
    const object = {
      id: this.name,
      name: this.name,
      disk: this.disk,
      sockets: this.sockets,
      durable: () => this.#durable(),
      gate: (leave: () => void) => this.#leave(leave),
    };
    this.#host = new MemoryHost(object, clock);
    this.#room = new (Room())({ [HOST]: this.#host } as never, env as never);
    return this.#room;
  }

  /** A call by the Worker: of `fetch`, or of a method by RPC. Rejects when the object ends before it has answered. */
  call(method: string, args: readonly unknown[]): Promise<unknown> {
    const { timeline } = this.#options;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        if (this.#calls.delete(fail)) reject(error);
      };
      this.#calls.add(fail);
      timeline.after(0, () => {
        if (!this.#calls.has(fail)) return;
        this.#turn(() => {
          const target = this.wake() as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
          const host = this.#host;
          const answer = Promise.resolve(target[method]?.(...args));
          const current = (leave: () => void): void => {
            if (this.#host === host) this.#leave(leave);
          };
          answer.then(
            (value) => current(() => void (this.#calls.delete(fail) && resolve(value))),
            (error: unknown) => current(() => fail(error instanceof Error ? error : new Error(String(error)))),
          );
        });
      });
    });
  }

  receive(socket: MemorySocket, data: string | ArrayBuffer): void {
    if (socket.state === "closed" || !this.sockets.has(socket)) return;
    this.#turn(() => this.wake().webSocketMessage(socket, data));
  }

  /** The peer has closed, or answered a close, or the network says that it is gone. */
  hangUp(socket: MemorySocket, code: number): void {
    if (!this.sockets.has(socket)) return;
    socket.state = "closed";
    this.sockets.delete(socket);
    this.#turn(() => this.wake().webSocketClose(socket, code));
  }

  /** Whether the platform would let it sleep. */
  get idle(): boolean {
    return (
      this.#room !== undefined &&
      this.#host?.timers === 0 &&
      !this.disk.dirty &&
      this.#held.length === 0 &&
      this.#waiting.length === 0 &&
      this.#calls.size === 0 &&
      this.#ringing === undefined
    );
  }

  sleep(): boolean {
    if (!this.idle) return false;
    this.#host?.end();
    this.#host = this.#room = undefined;
    this.sleeps += 1;
    return true;
  }

  crashAt(point: CrashPoint | undefined): void {
    this.#crashPoint = point;
    this.#statements = 0;
  }

  failStorage(fault: StorageFault | undefined): void {
    this.#fault = fault;
    this.#statements = 0;
  }

  /** The alarm that was set is never going to come, as after too many failures. */
  loseAlarm(): void {
    if (this.disk.dirty || this.#ringing !== undefined) return;
    this.#alarmPlanned?.cancel();
    this.#alarmPlanned = undefined;
    this.disk.alarm = null;
    this.disk.commit();
  }

  /** The machine stops: memory is gone, and everything that was not durable. */
  crash(): void {
    this.crashes += 1;
    this.#crashPoint = undefined;
    this.#host?.end();
    this.#host = this.#room = undefined;
    this.#held = [];
    this.#waiting = [];
    this.#commitPlanned?.();
    this.#commitPlanned = undefined;
    this.disk.rollback();
    if (this.#ringing !== undefined) this.disk.alarm = Math.min(this.#ringing, this.disk.alarm ?? Infinity);
    this.#ringing = undefined;
    this.disk.commit();
    for (const socket of this.sockets) {
      socket.state = "closed";
      socket.broken?.();
    }
    this.sockets.clear();
    for (const fail of this.#calls) fail(new Error("The object was reset."));
    this.#planAlarm();
  }

  /** Ends it for good, without anybody noticing. */
  end(): void {
    this.#host?.end();
    this.#alarmPlanned?.cancel();
    this.disk.close();
  }

  /** One event. */
  #turn(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!this.#cut) this.#options.uncaught(error);
    }
    this.#afterTurn();
  }

  #afterTurn(): void {
    if (this.#cut) {
      this.#cut = false;
      this.crash();
      return;
    }
    if (this.disk.dirty) this.#planCommit();
  }

  #beforeStatement(query: string, writes: boolean): void {
    if (this.#cut) throw new PowerCut("The machine has stopped.");
    this.#statements += 1;
    const { timeline } = this.#options;
    const crash = this.#crashPoint;
    if (crash?.at === "statement" && this.#statements > crash.after) {
      this.#cut = true;
      this.#host?.end();
      // Whatever turn this is in ends before the next event.
      timeline.after(0, () => this.#afterTurn());
      throw new PowerCut("The machine has stopped.");
    }
    const fault = this.#fault;
    if (fault !== undefined) {
      if (fault.fails === "once") {
        if (this.#statements > fault.after) {
          this.#fault = undefined;
          throw new Error("disk I/O error: SQLITE_IOERR");
        }
      } else if (timeline.time >= fault.until) {
        this.#fault = undefined;
      } else if (fault.fails === "all" || (writes && !query.startsWith("DELETE"))) {
        throw new Error(
          fault.fails === "all" ? "disk I/O error: SQLITE_IOERR" : "database or disk is full: SQLITE_FULL",
        );
      }
    }
    if (writes) this.#planCommit();
  }

  #planCommit(): void {
    if (this.#commitPlanned !== undefined) return;
    const { timeline, chance } = this.#options;
    const delay = chance.happens(0.9) ? chance.next() * 2 : chance.next() * 40;
    this.#commitPlanned = timeline.after(delay, () => {
      this.#commitPlanned = undefined;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#crashPoint?.at === "commit") return this.crash();
    this.disk.commit();
    if (this.#crashPoint?.at === "committed") return this.crash();
    this.#planAlarm();
    for (const leave of this.#held.splice(0)) leave();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Nothing leaves the object before what it has written so far is durable. */
  #leave(leave: () => void): void {
    if (this.#cut) return;
    if (this.disk.dirty || this.#held.length > 0) {
      this.#held.push(leave);
      this.#planCommit();
    } else leave();
  }

  #durable(): Promise<void> {
    return new Promise((resolve) => {
      const host = this.#host;
      const alive = (): void => {
        if (this.#host === host) this.#turn(resolve);
      };
      if (this.disk.dirty) this.#waiting.push(alive);
      else this.#options.timeline.after(0, alive);
    });
  }

  #planAlarm(): void {
    const { alarm } = this.disk;
    if (this.#alarmPlanned?.at === alarm) return;
    this.#alarmPlanned?.cancel();
    this.#alarmPlanned = undefined;
    if (alarm === null) return;
    const { timeline } = this.#options;
    const cancel = timeline.after(alarm - this.skew - timeline.time + this.alarmLateness, () => this.#ring(alarm));
    this.#alarmPlanned = { at: alarm, cancel };
  }

  #ring(at: number): void {
    this.#alarmPlanned = undefined;
    if (this.disk.alarm !== at) return this.#planAlarm();
    if (this.#ringing !== undefined) {
      this.#options.timeline.after(1, () => this.#ring(at));
      return;
    }
    this.#ringing = at;
    this.disk.alarm = null;
    this.#planCommit();
    this.#turn(() => {
      const room = this.wake();
      const host = this.#host;
      const rung = (failed: boolean): void => {
        if (this.#host !== host) return;
        this.#ringing = undefined;
        if (failed) this.#retryAlarm();
        else this.#alarmFailures = 0;
      };
      room.alarm().then(
        () => rung(false),
        () => rung(true),
      );
    });
  }

  /** As the platform does: a few times, later each time, and then never. */
  #retryAlarm(): void {
    this.#alarmFailures += 1;
    if (this.#alarmFailures > RETRIES) this.#alarmFailures = 0;
    else if (this.disk.alarm === null) {
      const wait = RETRY_MS * 2 ** (this.#alarmFailures - 1);
      this.disk.alarm = Math.floor(this.#options.timeline.time + this.skew + wait);
    }
    this.#planCommit();
  }
}
