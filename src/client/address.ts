import { RoomcastError } from "./errors.ts";
import type { ConnectOptions } from "./types.ts";

/**
 * The WebSocket address of a server. In a browser, relative ones are of the page's own origin. Throws a TypeError for what
 * is no address; for a relative one elsewhere only once it is needed, so that a page's module can be rendered on a server.
 */
export function serverAddress(url: string | URL): () => URL {
  const base = globalThis.location?.href;
  if (base === undefined && /^[./?]/.test(String(url))) {
    return () => {
      throw new TypeError("connect() needs a whole address outside a browser.");
    };
  }
  const address = new URL(url, base);
  address.protocol = address.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(address.protocol)) throw new TypeError(`Not an http address: ${String(url)}`);
  return () => address;
}

/** The part of a room id in a path. Throws a RoomcastError for what is not one. */
export function pathOf(id: string): string {
  // Dots alone would be steps in the path, escaped or not.
  // oxlint-disable-next-line no-control-regex -- the very thing to refuse
  if (!/^[^\u0000-\u001f\u007f-\u009f]{1,256}$/u.test(id) || /^\.\.?$/.test(id)) {
    throw new RoomcastError("bad_room_id", "A room id is 1 to 256 characters without controls, and not `.` or `..`.");
  }
  return encodeURIComponent(id);
}

/** Where a room is: addresses are asked for anew each time, as what the query holds may expire. */
export interface Place {
  /** Its WebSocket's. */
  readonly socket: () => Promise<string>;
  /** That of something below its path, over HTTP. */
  readonly resource: (name: string) => Promise<string>;
}

/** The place of a room whose path below the server's is given. */
export function placeOf(server: () => URL, path: string, query: ConnectOptions["query"]): Place {
  const below = async (name: string): Promise<URL> => {
    const address = new URL(server());
    address.pathname = `${address.pathname.replace(/\/$/, "")}/${path}/${name}`;
    for (const [key, value] of Object.entries((await query?.()) ?? {})) address.searchParams.set(key, value);
    return address;
  };
  return {
    socket: async () => (await below("ws")).href,
    resource: async (name) => {
      const address = await below(name);
      address.protocol = address.protocol.replace(/^ws/, "http");
      return address.href;
    },
  };
}
