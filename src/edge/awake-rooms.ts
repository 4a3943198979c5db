import { networkOf } from "../protocol/network.ts";
import { refuse, type Refusal } from "../protocol/refusal.ts";

/** A room stays awake for about this long after it was last used, and holds memory and, on one machine, open files. */
export const AWAKE_MS = 10_000;
/** `roomcast start` binds the limit that fits its number of open files under this name. */
const AWAKE_ROOMS_BINDING = "ROOMCAST_AWAKE_ROOMS";

/** The rooms that one network used lately. */
interface NetworkUse {
  lastUsedAt: number;
  /** When each room was last used; the longest unused first. */
  readonly rooms: Map<string, number>;
}

/**
 * Bounds how many different rooms one network address uses within AWAKE_MS. A room in use stays in use: only further
 * rooms are refused. Callers without a known address count together. Kept in memory, for no longer than AWAKE_MS.
 */
export class AwakeRooms {
  /** The network that was longest quiet first. */
  readonly #networks = new Map<string, NetworkUse>();

  /** Notes that a room is used. A refusal when it would be one room too many. */
  use(address: string | undefined, room: string, limit: number, now: number): Refusal | undefined {
    const network = address === undefined ? "" : networkOf(address);
    this.#forget(now - AWAKE_MS);
    const use = this.#networks.get(network) ?? { lastUsedAt: now, rooms: new Map<string, number>() };
    const { rooms } = use;
    for (const [name, usedAt] of rooms) {
      if (usedAt > now - AWAKE_MS) break;
      rooms.delete(name);
    }
    const [longestUnused] = rooms.values();
    if (longestUnused !== undefined && rooms.size >= limit && !rooms.has(room)) {
      return tooManyRooms(limit, longestUnused + AWAKE_MS - now);
    }
    rooms.delete(room);
    rooms.set(room, now);
    use.lastUsedAt = now;
    this.#networks.delete(network);
    this.#networks.set(network, use);
    return undefined;
  }

  #forget(before: number): void {
    for (const [network, { lastUsedAt }] of this.#networks) {
      if (lastUsedAt > before) return;
      this.#networks.delete(network);
    }
  }

  /** Networks that are remembered. */
  get size(): number {
    return this.#networks.size;
  }
}

function tooManyRooms(limit: number, wait: number): Refusal {
  return refuse(
    "too_many_requests",
    `This network address used ${limit} rooms within ${AWAKE_MS / 1000} s; wait before you use another.`,
    { retryAfter: Math.max(1, Math.ceil(wait)) },
  );
}

/** The limit of the option, else of `roomcast start`, else none. */
export function awakeRoomsLimit(option: number | undefined, env: unknown): number {
  if (option !== undefined) return option;
  const bound: unknown =
    typeof env === "object" && env !== null
      ? (env as Readonly<Record<string, unknown>>)[AWAKE_ROOMS_BINDING]
      : undefined;
  return typeof bound === "number" && bound > 0 ? bound : Infinity;
}
