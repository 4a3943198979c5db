import type { JsonObject } from "../protocol/json.ts";
import type { PresenceChange, PresenceRecord } from "../protocol/room/presence.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import { Emitter } from "./emitter.ts";
import type { Peer, RoomPresence } from "./types.ts";

/** Shortest time between two presence frames, milliseconds. */
const INTERVAL = 30;

/** The roster as one client sees it, and what that client shows of itself. */
export class Presence<Data extends JsonObject> implements RoomPresence<Data> {
  // Undefined until somebody cares: then the room is not asked for a roster at all.
  #mine: Data | null | undefined;
  #roster = new Map<string, PresenceRecord>();
  #peers: readonly Peer<Data>[] | undefined = [];
  #conn = "";
  #you = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsent = false;
  readonly #emitter = new Emitter();
  readonly #send: (line: string) => void;

  /** `send` takes one message as a line; it may drop it while there is no connection. */
  constructor(send: (line: string) => void) {
    this.#send = send;
  }

  /** What the next `hello` says; undefined leaves it out. */
  get mine(): Data | null | undefined {
    return this.#mine;
  }

  get peers(): readonly Peer<Data>[] {
    return (this.#peers ??= this.#list());
  }

  set(data: Data): void {
    this.#put(data);
  }

  clear(): void {
    this.#put(null);
  }

  subscribe(listener: () => void): () => void {
    if (this.#mine === undefined) this.#put(null);
    return this.#emitter.subscribe(listener);
  }

  welcome(message: Welcome): void {
    this.#conn = message.conn;
    this.#you = message.you;
    if (message.presence === undefined) return;
    this.#roster = new Map(Object.entries(message.presence));
    this.#changed();
  }

  receive(message: PresenceChange): void {
    if (message.all) this.#roster.clear();
    for (const conn of message.gone) this.#roster.delete(conn);
    for (const [conn, record] of Object.entries(message.set)) this.#roster.set(conn, record);
    this.#changed();
  }

  /** There is no connection and none is sought: nobody is known to be here. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#roster.clear();
    this.#changed();
  }

  // The first change goes out at once, later ones within the interval together.
  #put(data: Data | null): void {
    this.#mine = data;
    this.#unsent = true;
    if (this.#timer === undefined) this.#flush();
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#unsent) return;
    this.#unsent = false;
    this.#send(JSON.stringify({ t: "presence", data: this.#mine }));
    this.#timer = setTimeout(() => this.#flush(), INTERVAL);
  }

  #changed(): void {
    this.#peers = undefined;
    this.#emitter.emit();
  }

  #list(): readonly Peer<Data>[] {
    const peers: Peer<Data>[] = [];
    for (const [conn, { by, guest, user, data }] of this.#roster) {
      // `by` as well: a connection that this client lost may linger in the roster for a while.
      if (conn === this.#conn || by === this.#you) continue;
      peers.push({ conn, by, ...(guest && { guest }), ...(user && { user }), data: data as Data });
    }
    return peers;
  }
}
