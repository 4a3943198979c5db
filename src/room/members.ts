import type { JsonObject } from "../protocol/json.ts";
import type { Limits } from "../protocol/limits.ts";
import { refuse, Refusal } from "../protocol/refusal.ts";
import type { PresenceRecord } from "../protocol/room/presence.ts";
import { overBytes } from "./admit.ts";
import type { Alarms } from "./alarms.ts";
import type { Clock, HostSocket } from "./host/host.ts";
import { NATIVE } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import { Roster } from "./presence.ts";

/** A member that has neither pinged nor said anything for this long is gone, whatever its socket says. Clients ping every 25 s. */
const SILENCE = 90_000;
/**
 * A member whose wire format has no ping, and that has sent nothing for this long, is not shown. It may be reading, so
 * its connection stays, and it is shown again when it sends something.
 */
const QUIET_MEMBER_MS = 60 * 60_000;
/** How often to look for such members while nothing else wakes the room. */
const SWEEP_EVERY = 5 * 60_000;

interface Parts {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly alarms: Alarms;
  readonly connections: ReadonlyMap<HostSocket, Connection>;
  /** When the platform last answered a ping of this socket, milliseconds since 1970; 0 for never. */
  readonly pinged: (ws: HostSocket) => number;
  /** Checks what a connection wants to show of itself. */
  readonly check: (connection: Connection, data: JsonObject) => JsonObject | Refusal;
  /** Sends a roster message to all who watch. */
  readonly tell: (text: string) => void;
  /** Somebody is on the roster who was not, or no longer is. Before the roster message, which gathers. */
  readonly joined: (connection: Connection, member: PresenceRecord) => void;
  readonly left: (member: PresenceRecord) => void;
  readonly answer: (connection: Connection, text: string) => void;
  readonly refuse: (connection: Connection, refusal: Refusal) => void;
  readonly end: (connection: Connection, refusal: Refusal) => void;
}

/** Who is here: what connections show of themselves, who is told, and who has gone without a word. */
export class Members {
  readonly roster = new Roster();
  readonly #parts: Parts;
  #joins = 0;
  #waiting = false;
  #sweptAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A member as it was before the room slept. */
  restore(connection: Connection): void {
    const { record, quiet } = connection;
    if (record !== undefined && !quiet) this.roster.restore(connection.id, record);
    this.#joins = Math.max(this.#joins, connection.joined ?? 0);
  }

  set(connection: Connection, data: JsonObject | null): void {
    const { answer, refuse: reject } = this.#parts;
    // A dialect hears of the roster by its events.
    const native = connection.dialect === NATIVE;
    const started = native && !connection.watching;
    connection.watching = native;
    const checked = data === null ? null : this.#check(connection, data);
    const refused = checked instanceof Refusal ? checked : this.#show(connection, checked);
    if (refused !== undefined) reject(connection, refused);
    connection.save();
    if (started && connection.lag === undefined) answer(connection, this.roster.full());
  }

  /** It has sent something: one that was taken off the roster for its silence is back. */
  heard(connection: Connection): void {
    if (!connection.quiet) return;
    connection.quiet = false;
    if (connection.presence !== undefined) this.#show(connection, connection.presence);
    connection.save();
  }

  leave(connection: Connection): void {
    this.#remove(connection);
    this.turn();
  }

  #check(connection: Connection, data: JsonObject): JsonObject | Refusal {
    const { limits, check } = this.#parts;
    if (!overBytes(JSON.stringify(data), limits.presenceBytes)) return check(connection, data);
    return refuse("too_large", `Presence may have ${limits.presenceBytes} bytes.`);
  }

  #show(connection: Connection, data: JsonObject | null): Refusal | undefined {
    if (data === null) {
      this.#remove(connection);
      connection.presence = undefined;
      connection.joined = undefined;
      return undefined;
    }
    const isNew = !this.roster.has(connection.id);
    const earlier = connection.presence;
    connection.presence = data;
    if (!connection.fits()) {
      connection.presence = earlier;
      return refuse("too_large", "This presence is larger than what the room can keep of a connection, about 15 KiB.");
    }
    const { record } = connection;
    if (record === undefined) return undefined;
    if (isNew) connection.joined = this.#joins += 1;
    this.roster.set(connection.id, record);
    this.#planSweep();
    if (isNew) this.#parts.joined(connection, record);
    return undefined;
  }

  #remove(connection: Connection): void {
    const { record } = connection;
    if (this.roster.remove(connection.id) && record !== undefined) this.#parts.left(record);
  }

  /** Call at the end of every turn: sends gathered changes when they are due, and comes back when they are not yet. */
  turn(): void {
    const { clock, tell, connections } = this.#parts;
    // Whoever else is here may be shown a member that is gone, whether they have presence of their own or not.
    if (this.roster.size > 0 && connections.size > 1) this.#planSweep();
    const due = this.roster.due(clock.now());
    if (due === undefined || this.#waiting) return;
    if (due === 0) {
      tell(this.roster.take(clock.now()));
      return;
    }
    this.#waiting = true;
    clock.after(due, () => {
      this.#waiting = false;
      this.turn();
    });
  }

  /** Ends connections whose peer has gone without a word; where only silence can tell, takes them off the roster. */
  sweep(now: number = this.#parts.clock.now()): void {
    if (now - this.#sweptAt < SILENCE) return;
    this.#sweptAt = now;
    const { connections, pinged, end } = this.#parts;
    for (const connection of connections.values()) {
      if (!this.roster.has(connection.id)) continue;
      if (connection.dialect !== NATIVE) {
        if (now - connection.heard > QUIET_MEMBER_MS) this.#hide(connection);
        continue;
      }
      if (now - Math.max(pinged(connection.ws), connection.heard) > SILENCE) {
        end(connection, refuse("unresponsive", "No sign of life for too long."));
      }
    }
  }

  #hide(connection: Connection): void {
    connection.quiet = true;
    connection.save();
    this.#remove(connection);
  }

  /** A sweep that finds its member alone is not planned again, so that the room can sleep; `turn` plans it for the next to come. */
  #planSweep(): void {
    const { alarms, clock } = this.#parts;
    try {
      alarms.plan("sweep", clock.now() + SWEEP_EVERY);
    } catch (error) {
      // The next turn plans it.
      console.error("roomcast: the sweep of silent members could not be planned", error);
    }
  }
}
