import { refusedMessage } from "../dialects/native/codec.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Limits } from "../protocol/limits.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";
import { overBytes } from "./admit.ts";
import type { Alarms } from "./alarms.ts";
import type { Connection } from "./connection.ts";
import { Roster } from "./presence.ts";

/** A member that has not pinged for this long is gone, whatever its socket says. Clients ping every 25 s. */
const SILENCE = 90_000;
/** How often to look for such members while nothing else wakes the room. */
const SWEEP_EVERY = 5 * 60_000;

interface Parts {
  readonly limits: Limits;
  readonly alarms: Alarms;
  readonly connections: ReadonlyMap<WebSocket, Connection>;
  /** When the platform last answered a ping of this socket, milliseconds since 1970; 0 for never. */
  readonly pinged: (ws: WebSocket) => number;
  /** Sends a roster message to all who watch. */
  readonly tell: (text: string) => void;
  readonly answer: (connection: Connection, text: string) => void;
  readonly end: (connection: Connection, refusal: Refusal) => void;
}

/** Who is here: what connections show of themselves, who is told, and who has gone without a word. */
export class Members {
  readonly roster = new Roster();
  readonly #parts: Parts;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sweptAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A member as it was before the room slept. */
  restore(connection: Connection): void {
    const { record } = connection;
    if (record !== undefined) this.roster.restore(connection.id, record);
  }

  set(connection: Connection, data: JsonObject | null): void {
    const { limits, alarms, answer } = this.#parts;
    const started = !connection.watching;
    connection.watching = true;
    if (data === null) {
      connection.presence = undefined;
      this.roster.remove(connection.id);
    } else if (overBytes(JSON.stringify(data), limits.presenceBytes)) {
      answer(connection, refusedMessage(refuse("too_large", `Presence may have ${limits.presenceBytes} bytes.`)));
    } else {
      connection.presence = data;
      const { record } = connection;
      if (record !== undefined) this.roster.set(connection.id, record);
      alarms.plan("sweep", Date.now() + SWEEP_EVERY);
    }
    connection.save();
    if (started && connection.lag === undefined) answer(connection, this.roster.full());
  }

  leave(connection: Connection): void {
    this.roster.remove(connection.id);
    this.turn();
  }

  /** Sends gathered changes when they are due, and comes back when they are not yet. */
  turn(): void {
    const due = this.roster.due(Date.now());
    if (due === undefined || this.#timer !== undefined) return;
    if (due === 0) {
      this.#parts.tell(this.roster.take(Date.now()));
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.turn();
    }, due);
  }

  /** Ends connections whose peer has gone without a word. */
  sweep(now: number): void {
    if (now - this.#sweptAt < SILENCE) return;
    this.#sweptAt = now;
    const { connections, pinged, end } = this.#parts;
    for (const connection of connections.values()) {
      if (!this.roster.has(connection.id)) continue;
      if (now - Math.max(pinged(connection.ws), connection.since) > SILENCE) {
        end(connection, refuse("unresponsive", "No sign of life for too long."));
      }
    }
  }

  /** The sweep that the alarm calls for. */
  sweepAgain(now: number): void {
    this.sweep(now);
    // One that is alone misleads nobody; the next to come looks again.
    if (this.roster.size > 0 && this.#parts.connections.size > 1) this.#parts.alarms.plan("sweep", now + SWEEP_EVERY);
  }
}
