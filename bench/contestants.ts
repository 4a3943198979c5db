import type { CodecName } from "./load/codecs.ts";
import { isNchanInstalled } from "./servers/nginx.ts";

export type ServerName = "workerd" | "ws" | "socket-io" | "nginx";

/** Something that fans messages out, and how its clients reach a room of it. */
export interface Contestant {
  readonly id: string;
  readonly label: string;
  /** Where what it sends is kept: on disk before it is sent, in memory, or nowhere. */
  readonly keeps: "disk" | "memory" | "nothing";
  readonly server: ServerName;
  readonly codec: CodecName;
  readonly path: (room: string) => string;
  /** The same room with its written rows counted. */
  readonly countedPath?: (room: string) => string;
}

export const CONTESTANTS: readonly Contestant[] = [
  {
    id: "feed",
    label: "Roomcast, own kind",
    keeps: "disk",
    server: "workerd",
    codec: "roomcastFeed",
    path: (room) => `/feed/${room}`,
    countedPath: (room) => `/counted-feed/${room}`,
  },
  {
    id: "document",
    label: "Roomcast, document",
    keeps: "disk",
    server: "workerd",
    codec: "roomcastDocument",
    path: (room) => `/document/${room}`,
    countedPath: (room) => `/counted-document/${room}`,
  },
  {
    id: "chat",
    label: "Roomcast, chat",
    keeps: "disk",
    server: "workerd",
    codec: "roomcastChat",
    path: (room) => `/chat/${room}`,
  },
  {
    id: "tutorial",
    label: "Tutorial room",
    keeps: "nothing",
    server: "workerd",
    codec: "plain",
    path: (room) => `/tutorial/${room}`,
  },
  {
    id: "sql",
    label: "Tutorial room, stored",
    keeps: "disk",
    server: "workerd",
    codec: "plain",
    path: (room) => `/sql/${room}`,
    countedPath: (room) => `/counted-sql/${room}`,
  },
  {
    id: "partyserver",
    label: "PartyServer",
    keeps: "nothing",
    server: "workerd",
    codec: "plain",
    path: (room) => `/parties/party/${room}`,
  },
  { id: "ws", label: "ws on Node", keeps: "nothing", server: "ws", codec: "plain", path: () => "/" },
  {
    id: "socket-io",
    label: "Socket.IO",
    keeps: "nothing",
    server: "socket-io",
    codec: "socketIo",
    path: () => "/socket.io/?EIO=4&transport=websocket",
  },
  { id: "nchan", label: "nchan", keeps: "memory", server: "nginx", codec: "plain", path: (room) => `/room/${room}` },
];

/** Those that can run here, and a note for each that cannot. */
export function available(only: readonly string[]): {
  readonly contestants: readonly Contestant[];
  readonly notes: readonly string[];
} {
  const unknown = only.filter((id) => !CONTESTANTS.some((contestant) => contestant.id === id));
  if (unknown.length > 0) {
    throw new Error(`No contestant ${unknown.join(", ")}; there are ${CONTESTANTS.map(({ id }) => id).join(", ")}.`);
  }
  const wanted = CONTESTANTS.filter(({ id }) => only.length === 0 || only.includes(id));
  const contestants = wanted.filter(({ server }) => server !== "nginx" || isNchanInstalled());
  const notes =
    contestants.length < wanted.length ? ["nchan is not installed (Debian: nginx, libnginx-mod-nchan): left out."] : [];
  return { contestants, notes };
}
