import type { LimiterNamespace, RoomApi } from "../room/api.ts";
import type { MapApi } from "../room/map/api.ts";
import type { StreamApi } from "../room/stream/api.ts";
import type { Permission, User } from "../protocol/user.ts";
import type { Denial } from "./deny.ts";
import type { RoutingServer } from "./maps/routing.ts";

/** One room as the Worker sees it: a Durable Object stub whose class is made by Roomcast. */
export interface RoomStub extends RoomApi {
  fetch(request: Request): Promise<Response>;
}

/** A namespace of rooms of one kind: a Durable Object binding. */
export interface RoomNamespace {
  getByName(name: string): RoomStub;
}

/** A stream's room as the Worker sees it. */
export interface StreamStub extends RoomStub, StreamApi {}

/** A namespace of streams. */
export interface StreamNamespace {
  getByName(name: string): StreamStub;
}

/** A map's room as the Worker sees it. */
export interface MapStub extends RoomStub, MapApi {}

/** A namespace of maps. */
export interface MapNamespace {
  getByName(name: string): MapStub;
}

/** What `authorize` is asked. */
export interface Asking<Env> {
  /** As it came, its body unread. Leave the body alone, or read a clone. */
  readonly request: Request;
  /** `document` on /doc routes, the name in the path on /room routes. */
  readonly kind: string;
  /** The room's id, decoded. */
  readonly id: string;
  readonly env: Env;
}

/** Who is let through, and to do what. The room believes it. */
export interface Grant {
  readonly user?: User;
  readonly can: readonly Permission[];
}

/** Answers a grant, or `deny(...)`. What it throws is a fault: 500, and nobody is let through. */
export type Authorize<Env> = (asking: Asking<Env>) => Grant | Denial | Promise<Grant | Denial>;

export interface EdgeOptions<Env> {
  /** Where documents live; serves `/doc/:id`. */
  readonly documents?: (env: Env) => RoomNamespace;
  /** Where chat rooms live; serves `/chat/:room`, and `/api/room` for clients of the JSON format. */
  readonly chats?: (env: Env) => RoomNamespace;
  /** The longest name of a chat room, in UTF-16 units; 32 unless told otherwise. A private room's id has 64. */
  readonly chatName?: number;
  /** Rooms of other kinds by the name in their path; serves `/room/:kind/:id`. */
  readonly rooms?: Readonly<Record<string, (env: Env) => RoomNamespace>>;
  /** Where event streams live; serves `/publish`, `/subscribe` and `/stream/:id`. A site is the stream of its id. */
  readonly streams?: (env: Env) => StreamNamespace;
  /**
   * Pages that may publish to a stream and read it besides those of `origins`, such as `https://shop.example`. Asked with
   * the stream's id, which is the site's.
   */
  readonly streamOrigins?: (id: string, env: Env) => readonly string[] | Promise<readonly string[]>;
  /**
   * Whether anybody at all may read a stream, so that shared caches may hand its pages of `/v1/stream/<path>` from one
   * reader to the next. Asked with the stream's id. All are without an `authorize`, and none is with one, unless told otherwise.
   */
  readonly publicStreams?: (id: string, env: Env) => boolean | Promise<boolean>;
  /**
   * How long a long poll of `/v1/stream/<path>` waits, in milliseconds; 20,000 by default. A reader may ask for less with
   * `timeout=<seconds>`. A short wait keeps the room awake for readers that only wait.
   */
  readonly longPollMs?: (env: Env) => number | undefined;
  /** Where the streams' counts are; serves `/stream/:id/stats`. */
  readonly stats?: (env: Env) => D1Database;
  /** Where maps live; serves `/map/:id`, and `/api/map` for clients of the one-pin format. */
  readonly maps?: (env: Env) => MapNamespace;
  /**
   * A routing server (OSRM's HTTP interface) for meeting points by road, or its address, such as `env.ROUTING_URL`.
   * Without one, and while it does not answer well, they are as the crow flies.
   */
  readonly routing?: (env: Env) => RoutingServer | string | undefined;
  /** Absent: every room is open to everybody, to read, write and administer. */
  readonly authorize?: Authorize<Env>;
  /**
   * Pages that may use the rooms besides those of the Worker's own origin, such as
   * `https://app.example`. `*` lets every page in.
   */
  readonly origins?: readonly string[] | ((env: Env) => readonly string[]);
  /** Put before every path, such as `/api`. None unless told otherwise. */
  readonly basePath?: string;
  /** The largest request body that is read, in bytes; 1 MiB and a little unless told otherwise. */
  readonly bodyBytes?: number;
  /**
   * How many different rooms one network address may use within ten seconds, by requests and by connecting. By default
   * unlimited, and under `roomcast start` an eighth of the files that it may open, from 200 to 2,000.
   */
  readonly awakeRooms?: number;
  /** The peer's network address; the header CF-Connecting-IP unless told otherwise. */
  readonly address?: (request: Request) => string | undefined;
  /**
   * Counts what each network address does, for what the Worker does by itself; rooms find their own limiter, see
   * `Room#limiters`. Absent: no limit.
   */
  readonly rates?: (env: Env) => LimiterNamespace;
  /** Hears of faults that the caller is told nothing about; console.error unless told otherwise. */
  readonly onError?: (error: unknown, request: Request) => void;
}
