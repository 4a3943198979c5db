import type { Json, JsonObject } from "../protocol/json.ts";
import type { PresenceRecord } from "../protocol/room/presence.ts";
import type { Snapshot } from "../protocol/room/snapshot.ts";
import type { Permission, User } from "../protocol/user.ts";
import type { HostSocket } from "./host/host.ts";
import type { Author } from "./mutation.ts";
import { Budget } from "./budget.ts";
import { utf8Length } from "./bytes.ts";
import { Flow, type StoredFlow } from "./flow.ts";
import { connectionSubject, guestSubject, userSubject, type PersonSubject, type RateSubject } from "./rates/subject.ts";
import type { SendQueue } from "./send-queues.ts";

/** Where ops begin for a connection that has none: after a number, or at a time (milliseconds since 1970). */
export type Start = { readonly after: number } | { readonly time: number };

/** What a native connection still lacks; undefined when it is live. */
export type Lag =
  | { readonly needs: "tail"; readonly after: number }
  /** Ops from `after` on, or from a time on, and to be told so before. */
  | { readonly needs: "start"; readonly at: Start; readonly reset?: Snapshot["reset"] }
  | { readonly needs: "snapshot"; readonly reset?: "restored" | "cleared" | "behind" };

/** Kept in the socket's attachment (16 KiB at most), so that a connection survives hibernation. */
interface Attachment {
  readonly id: string;
  readonly dialect: string;
  readonly can: readonly Permission[];
  readonly since: number;
  readonly user?: User;
  readonly address?: string;
  readonly network?: string;
  readonly joined?: number;
  readonly client?: string;
  readonly by?: string;
  readonly guest?: string;
  readonly presence?: JsonObject;
  readonly quiet?: boolean;
  readonly guestHash?: string;
  readonly watching?: boolean;
  readonly session?: Json;
  readonly lag?: Lag;
  readonly flow?: StoredFlow;
  readonly counted?: number;
  readonly filter?: string;
  readonly wantsOps?: boolean;
  readonly heard?: number;
  readonly missedClosing?: true;
  /** See `Budget`. */
  readonly spent?: number;
  readonly peer?: string;
}

/** How exactly it outlives a sleep when a connection was heard, in milliseconds: a frame that says nothing to keep is cheap. */
const HEARD_EVERY = 5_000;

/** What an attachment may have, in bytes. */
const ATTACHMENT_BYTES = 16_384;
/** For what changes after a connection was admitted: its flow, its lag, when it was heard. */
const RESERVED = 1_024;

type Fixed = Pick<Attachment, "id" | "dialect" | "can" | "since" | "user" | "address" | "network" | "peer">;

/** One socket, and everything that is true of it while it lasts. */
export class Connection {
  readonly ws: HostSocket;
  readonly id: string;
  readonly dialect: string;
  readonly can: readonly Permission[];
  readonly user: User | undefined;
  /** When it connected, milliseconds since 1970. */
  readonly since: number;
  /** Stands for the peer's network address; see `Context.address`. */
  readonly address: string | undefined;
  /** What its connections and actions are counted by: see `networkOf`. Undefined where no address is known. */
  readonly network: string | undefined;
  /** Address and port of its TCP connection, where the server can tell whether it reads. */
  readonly peer: string | undefined;
  /** What may wait for a reader without flow control; undefined where nothing tells whether it reads. */
  queue: SendQueue | undefined;
  /** The client's secret and public names, once it has said hello. */
  client: string | undefined;
  by: string | undefined;
  /** The guest's public name; see `Context.guest`. */
  guest: string | undefined;
  /** What it shows of itself; undefined when it is not on the roster. */
  presence: JsonObject | undefined;
  /** Its place in the order in which members joined: later ones have higher numbers. */
  joined: number | undefined;
  /** See `hashGuestSecret`. */
  guestHash: string | undefined;
  /** It has sent nothing for so long that it is not on the roster, until it sends something. See `Members.sweep`. */
  quiet = false;
  /** Whether it is told about the roster. */
  watching = false;
  /** Its dialect's session. */
  session: Json = null;
  /** Undefined when live. Native connections only. */
  lag: Lag | undefined;
  flow = new Flow();
  /** Up to which total of the log `flow` has counted. Lets a wake count what was sent since the last save. */
  counted = 0;
  budget = new Budget();
  /** Mutations refused for their rate in a row. */
  overRate = 0;
  /** Which ops it wants to be sent; undefined for all. */
  filter: string | undefined;
  /** It wants the ops themselves, so that where it cannot be given all of them, the state is no help. */
  wantsOps = false;
  /** When it last said anything, milliseconds since 1970. Pings, which the platform answers, are not heard here. */
  heard: number;
  /** Another connection closed while the room could not wake, and this one was not told. Until the next save. */
  missedClosing = false;
  /** As saved. */
  #heardAt: number | undefined;
  #forgotten = false;

  private constructor(ws: HostSocket, fixed: Fixed) {
    this.ws = ws;
    this.id = fixed.id;
    this.dialect = fixed.dialect;
    this.can = fixed.can;
    this.since = fixed.since;
    this.heard = fixed.since;
    this.user = fixed.user;
    this.address = fixed.address;
    this.network = fixed.network;
    this.peer = fixed.peer;
  }

  static open(ws: HostSocket, fixed: Fixed): Connection {
    return new Connection(ws, fixed);
  }

  /** A connection as it was before the room slept; undefined for a socket that the room never accepted. */
  static restore(ws: HostSocket): Connection | undefined {
    const attachment = ws.deserializeAttachment() as Attachment | null;
    if (attachment === null) return undefined;
    const connection = new Connection(ws, attachment);
    connection.client = attachment.client;
    connection.by = attachment.by;
    connection.guest = attachment.guest;
    connection.presence = attachment.presence;
    connection.joined = attachment.joined;
    connection.guestHash = attachment.guestHash;
    connection.quiet = attachment.quiet ?? false;
    connection.watching = attachment.watching ?? false;
    connection.session = attachment.session ?? null;
    connection.lag = attachment.lag;
    if (attachment.flow !== undefined) connection.flow = Flow.restore(attachment.flow);
    connection.counted = attachment.counted ?? 0;
    connection.filter = attachment.filter;
    connection.wantsOps = attachment.wantsOps ?? false;
    connection.budget = new Budget(attachment.spent);
    connection.missedClosing = attachment.missedClosing ?? false;
    if (attachment.heard !== undefined) {
      connection.#heardAt = attachment.heard;
      connection.heard = attachment.heard + HEARD_EVERY;
    }
    return connection;
  }

  /** Another connection closed, and the room cannot wake to tell anybody. Storage may be what fails, so it is noted here. */
  static noteMissedClosing(ws: HostSocket): void {
    const attachment = ws.deserializeAttachment() as Attachment | null;
    if (attachment !== null) ws.serializeAttachment({ ...attachment, missedClosing: true } satisfies Attachment);
  }

  /** Writes what must outlive a sleep. Call after every change to it. */
  save(): void {
    if (this.#forgotten) return;
    this.ws.serializeAttachment(this.#attachment());
    this.budget.saved();
  }

  #attachment(): Attachment {
    const { spent } = this.budget;
    return {
      id: this.id,
      dialect: this.dialect,
      can: this.can,
      since: this.since,
      ...(this.user === undefined ? {} : { user: this.user }),
      ...(this.address === undefined ? {} : { address: this.address }),
      ...(this.network === undefined ? {} : { network: this.network }),
      ...(this.peer === undefined ? {} : { peer: this.peer }),
      ...(this.joined === undefined ? {} : { joined: this.joined }),
      ...(this.client === undefined ? {} : { client: this.client }),
      ...(this.by === undefined ? {} : { by: this.by }),
      ...(this.guest === undefined ? {} : { guest: this.guest }),
      ...(this.presence === undefined ? {} : { presence: this.presence }),
      ...(this.guestHash === undefined ? {} : { guestHash: this.guestHash }),
      ...(this.quiet ? { quiet: true } : {}),
      ...(this.watching ? { watching: true } : {}),
      ...(this.session === null ? {} : { session: this.session }),
      ...(this.lag === undefined ? {} : { lag: this.lag }),
      ...(this.client === undefined ? {} : { flow: this.flow.store(), counted: this.counted }),
      ...(this.filter === undefined ? {} : { filter: this.filter }),
      ...(this.wantsOps ? { wantsOps: true } : {}),
      ...(this.#heardAt === undefined ? {} : { heard: this.#heardAt }),
      ...(spent === undefined ? {} : { spent }),
    };
  }

  /**
   * Whether the attachment holds all of this, with room for what changes while the connection lasts. Call before taking
   * in what a client sends: `save` throws where it does not fit.
   */
  fits(): boolean {
    const attachment = this.#attachment();
    // Serialized, no JSON takes more than three bytes a character.
    if ((JSON.stringify(attachment).length + RESERVED) * 3 <= ATTACHMENT_BYTES) return true;
    try {
      this.ws.serializeAttachment({ ...attachment, reserved: "x".repeat(RESERVED) });
    } catch {
      return false;
    }
    this.save();
    return true;
  }

  /** It has said something. */
  hear(now: number): void {
    this.heard = Math.max(this.heard, now);
    if (now - (this.#heardAt ?? this.since) < HEARD_EVERY) return;
    this.#heardAt = now;
    this.save();
  }

  /** Leaves nothing to restore: a socket that the room has closed may outlive a sleep until its peer answers. */
  forget(): void {
    this.#forgotten = true;
    this.queue?.close();
    this.ws.serializeAttachment(null);
  }

  get record(): PresenceRecord | undefined {
    if (this.presence === undefined || this.by === undefined) return undefined;
    return {
      by: this.by,
      ...(this.guest === undefined ? {} : { guest: this.guest }),
      ...(this.user === undefined ? {} : { user: this.user }),
      data: this.presence,
    };
  }

  /** Whether the socket took it. A socket that is closing takes nothing more, and that is no fault. */
  send(text: string): boolean {
    try {
      this.ws.send(wellFormed(text));
      if (this.queue !== undefined) this.queue.add((last.bytes ??= utf8Length(last.wellFormed)));
      return true;
    } catch {
      return false;
    }
  }

  close(code: number, reason: string): void {
    try {
      // A reason may have 123 bytes.
      this.ws.close(code, reason.slice(0, 120).replace(/[^\x20-\x7e]/g, "?"));
    } catch {
      // Closed already.
    }
  }
}

/** What went out last, and how: a frame goes to many sockets, and is looked at once. */
const last: { text: string; wellFormed: string; bytes: number | undefined } = { text: "", wellFormed: "", bytes: 0 };

/** A text frame as UTF-8 can say it: wire formats may come upon lone surrogates in a kind's own state. */
function wellFormed(text: string): string {
  if (text !== last.text) {
    last.text = text;
    last.wellFormed = text.isWellFormed() ? text : text.toWellFormed();
    last.bytes = undefined;
  }
  return last.wellFormed;
}

/** The author of what a connection asks. */
export function authorOf(connection: Connection): Author {
  const { client, by, guest, user, can, presence, address, network } = connection;
  return {
    ...(client === undefined ? {} : { client }),
    ...(by === undefined ? {} : { by }),
    ...(guest === undefined ? {} : { guest }),
    ...(user === undefined ? {} : { user }),
    ...(presence === undefined ? {} : { presence }),
    ...(address === undefined ? {} : { address }),
    ...(network === undefined ? {} : { network, person: personOf(connection, network) }),
    can,
  };
}

function personOf({ id, user, guestHash }: Connection, network: RateSubject): PersonSubject {
  if (user !== undefined) return userSubject(user.id);
  return guestHash === undefined ? connectionSubject(network, id) : guestSubject(network, guestHash);
}
