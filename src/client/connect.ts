import type { Kind } from "../kinds/kind.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import { type Place, pathOf, placeOf, serverAddress } from "./address.ts";
import { DocumentRoom } from "./document.ts";
import { RoomHandle } from "./room.ts";
import { Shelf, type Shelved } from "./shelf.ts";
import type { ConnectOptions, DocumentHandle, Room } from "./types.ts";

/** Rooms with handles of their own: where they are below the server, and what makes a handle. */
export interface RoomType<Handle extends Shelved> {
  /** Such as `chat`: the rooms are at `chat/<id>`. */
  readonly path: string;
  readonly make: (id: string, place: Place, options: ConnectOptions) => Handle;
}

export interface Opener {
  /** A live document. Throws a RoomcastError with code `bad_room_id` for an id that no room can have. */
  document<T = Json, Presence extends object = JsonObject>(id: string): DocumentHandle<T, Presence>;
  /** A room of any kind, which must be the one that the server runs under that name. */
  room<State, Intent, Op, Presence extends object = JsonObject>(
    kind: Kind<State, Intent, Op>,
    id: string,
  ): Room<State, Intent, Presence>;
  /** For functions such as `chat`, which are apart so that nobody downloads what they do not use. */
  open<Handle extends Shelved>(type: RoomType<Handle>, id: string): Handle;
}

/**
 * The rooms of one server, a connection each. Asked twice for the same room, it gives the same handle, until that is
 * closed; `close()` on a handle therefore ends it for all who have it.
 */
export interface Rooms extends Opener {
  /** Closes every room. */
  close(): void;
  /** For integrations with a view library, such as `roomcast/react`. */
  readonly lend: Lender;
}

/** The same rooms, but connected only while held, and a few seconds longer. */
export interface Lender extends Opener {
  /** Connects until the returned function is called. */
  hold(room: object): () => void;
}

/**
 * The way to a server's rooms. Connects to nothing before a room is asked for.
 *
 * `url`: the server's address, `http(s)` or `ws(s)`, with the path under which it serves and whatever query it wants.
 * In a browser it may be relative, and is the page's own origin by default.
 *
 * In Node, an open room keeps the process alive until it is closed.
 */
export function connect(url: string | URL = "/", options: ConnectOptions = {}): Rooms {
  const server = serverAddress(url);
  const shelf = new Shelf();
  const place = (path: string): Place => placeOf(server, path, options.query);
  const opener = (keep: boolean): Opener => ({
    document: <T, Presence extends object>(id: string) => {
      const path = `doc/${pathOf(id)}`;
      return shelf.take(path, () => new DocumentRoom<T, Presence>(id, place(path), options), keep);
    },
    room: <State, Intent, Op, Presence extends object>(kind: Kind<State, Intent, Op>, id: string) => {
      const path = `room/${kind.name}/${pathOf(id)}`;
      const make = (): RoomHandle<State, Intent, Op, Presence> => new RoomHandle(kind, id, place(path), options);
      return shelf.take(path, make, keep);
    },
    open: (type, id) => {
      const path = `${type.path}/${pathOf(id)}`;
      return shelf.take(path, () => type.make(id, place(path), options), keep);
    },
  });
  return {
    ...opener(true),
    close: () => shelf.close(),
    lend: { ...opener(false), hold: (room) => shelf.hold(room) },
  };
}
