import { RoomcastError } from "./errors.ts";
import type { ConnectOptions } from "./types.ts";

/** A server's WebSocket address, in parts: a URL object's parts cannot be set in React Native. */
export interface ServerAddress {
  /** Such as `wss://notes.example/live`. */
  readonly base: string;
  /** Without the question mark. */
  readonly query: string;
}

/**
 * The address of a server. In a browser, a relative one is of the page's own origin. Throws a TypeError for an invalid one; for
 * a relative one elsewhere only once it is needed, so that a page's module can be rendered on a server.
 */
export function serverAddress(url: string | URL): () => ServerAddress {
  const page = globalThis.location?.href;
  if (page === undefined && /^[./?]/.test(String(url))) {
    return () => {
      throw new TypeError("connect() needs a whole address outside a browser.");
    };
  }
  // The constructor checks it. React Native's would also append a slash.
  const { href } = new URL(url, page);
  const whole = page === undefined ? String(url) : href;
  const [, secure, base, query = ""] = /^(?:http|ws)(s?):\/\/([^?#]+?)\/?(?:\?([^#]*)|#|$)/i.exec(whole) ?? [];
  if (base === undefined) throw new TypeError(`Not an http address: ${String(url)}`);
  return () => ({ base: `${secure ? "wss" : "ws"}://${base}`, query });
}

/** The part of a room id in a path. Throws a RoomcastError for what is not one. */
export function pathOf(id: string): string {
  // Dots alone would be steps in the path, escaped or not.
  // oxlint-disable-next-line no-control-regex -- the very thing to refuse
  if (!/^[^\u0000-\u001f\u007f-\u009f]{1,256}$/u.test(id) || /^\.\.?$/.test(id)) {
    throw new RoomcastError("bad_room_id", "A room id is 1 to 256 characters without controls, not `.` or `..`.");
  }
  return encodeURIComponent(id);
}

/** Where a room is: a function of its WebSocket's address, which is asked for each time, as parts of the query may expire. */
export type Place = () => Promise<string>;

/** The place of a room whose path below the server's is given. */
export function placeOf(server: () => ServerAddress, path: string, query: ConnectOptions["query"]): Place {
  return async () => {
    const { base, query: fixed } = server();
    const parts = Object.entries((await query?.()) ?? {}).map((pair) => pair.map(encodeURIComponent).join("="));
    if (fixed !== "") parts.push(fixed);
    return `${base}/${path}/ws${parts.length > 0 ? "?" : ""}${parts.join("&")}`;
  };
}

/** The HTTP address of a resource of the room, given its WebSocket's. */
export function resourceOf(socket: string, name: string, query: string): string {
  const [, path, rest] = /^ws(.*?)\/ws(?:\?(.*))?$/.exec(socket) ?? [];
  return `http${path}/${name}?${query}${rest ? `&${rest}` : ""}`;
}
