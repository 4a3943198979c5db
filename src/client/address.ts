import { RoomcastError } from "./errors.ts";
import type { ConnectOptions } from "./types.ts";

/**
 * The WebSocket address of a server. In a browser, relative ones are of the page's own origin; elsewhere they
 * throw a TypeError.
 */
export function serverAddress(url: string | URL): URL {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace(/^http/, "ws");
  return address;
}

/** The part of a room id in a path. Throws a RoomcastError for what is not one. */
export function pathOf(id: string): string {
  // Dots alone would be steps in the path, escaped or not.
  // oxlint-disable-next-line no-control-regex -- the very thing to refuse
  if (!/^[^\u0000-\u001f\u007f-\u009f]{1,256}$/.test(id) || /^\.\.?$/.test(id)) {
    throw new RoomcastError("bad_room_id", "A room id is 1 to 256 characters without controls, and not `.` or `..`.");
  }
  return encodeURIComponent(id);
}

/** The address of a room whose path below the server's is given, asked for anew at each connect. */
export async function roomAddress(server: URL, path: string, query: ConnectOptions["query"]): Promise<string> {
  const address = new URL(server);
  address.pathname = `${server.pathname.replace(/\/$/, "")}/${path}/ws`;
  for (const [name, value] of Object.entries((await query?.()) ?? {})) address.searchParams.set(name, value);
  return address.href;
}
