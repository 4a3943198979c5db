import type { PresenceChange, PresenceRecord } from "../protocol/room/presence.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import { Emitter } from "./emitter.ts";
import { jsonText } from "./json.ts";
import type { Peer, RoomPresence } from "./types.ts";

/** Shortest time between two presence frames, milliseconds. */
const INTERVAL = 30;

/** The roster as one client sees it, and what that client shows of itself. */
export class Presence<Data extends object> implements RoomPresence<Data> {
  // Undefined until somebody cares: then the room is not asked for a roster at all.
  #mine: Data | null | undefined;
  #roster = new Map<string, PresenceRecord>();
  #peers: readonly Peer<Data>[] | undefined = [];
  #conn = "";
  #you = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsent = false;
  #untold = false;
  readonly #emitter = new Emitter();
  readonly #send: (line: string) => boolean;

  /** `send` takes one message as a line, and returns false when it cannot send it: not before the welcome. */
  constructor(send: (line: string) => boolean) {
    this.#send = send;
  }

  get mine(): Data | null | undefined {
    return this.#mine;
  }

  /** The data for `hello`; undefined leaves it out. A change that comes before the welcome is sent after it. */
  hello(): Data | null | undefined {
    this.#unsent = false;
    return this.#mine;
  }

  get peers(): readonly Peer<Data>[] {
    return (this.#peers ??= this.#list());
  }

  set(data: Data): void {
    // From the text, so that what the caller changes later is not sent unseen.
    this.#put(JSON.parse(jsonText(data)) as Data);
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
    if (this.#timer === undefined) this.#flush();
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

  /** Calls the listeners if the roster has changed. The owner calls it when everything else is up to date. */
  tell(): void {
    if (!this.#untold) return;
    this.#untold = false;
    this.#emitter.emit();
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
    this.#unsent = !this.#send(JSON.stringify({ t: "presence", data: this.#mine }));
    if (!this.#unsent) this.#timer = setTimeout(() => this.#flush(), INTERVAL);
  }

  #changed(): void {
    this.#peers = undefined;
    this.#untold = true;
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
