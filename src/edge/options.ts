import type { RoomApi } from "../room/api.ts";
import type { Permission, User } from "../protocol/user.ts";
import type { Denial } from "./deny.ts";

/** One room as the Worker sees it: a Durable Object stub whose class is made by Roomcast. */
export interface RoomStub extends RoomApi {
  fetch(request: Request): Promise<Response>;
}

/** A namespace of rooms of one kind: a Durable Object binding. */
export interface RoomNamespace {
  getByName(name: string): RoomStub;
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
  /** Rooms of other kinds by the name in their path; serves `/room/:kind/:id`. */
  readonly rooms?: Readonly<Record<string, (env: Env) => RoomNamespace>>;
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
  /** The peer's network address; the header CF-Connecting-IP unless told otherwise. */
  readonly address?: (request: Request) => string | undefined;
  /** Hears of faults that the caller is told nothing about; console.error unless told otherwise. */
  readonly onError?: (error: unknown, request: Request) => void;
}
