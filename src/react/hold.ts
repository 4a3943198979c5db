"use client";

import { useMemo, useRef, useSyncExternalStore } from "react";
import type { Rooms } from "../client/connect.ts";
import type { Room, RoomcastErrorFields, Status } from "../client/types.ts";

/**
 * How a room stands. Each property is read as of the moment it is asked for; a component renders again when one changes that it
 * read while rendering, and for no other.
 */
export interface View<State> {
  /** Undefined until the first snapshot; keeps its identity while it does not change. */
  readonly state: State | undefined;
  readonly status: Status;
  /** Mutations that the room has not answered yet. */
  readonly pending: number;
  /** The latest error of the room, see `Room.lastError`. */
  readonly error: (RoomcastErrorFields & Error) | undefined;
}

/** What a component takes from what it shows, such as one key of a document. */
export interface Selection<From, To> {
  /** A function of what is given alone, or of what the component rendered with. */
  readonly select: (from: From) => To;
  /** Whether two results are the same to the component; `Object.is` by default. */
  readonly equal?: (one: To, other: To) => boolean;
}

/** Reads a value of the room's, and has the component render again when it changes. `onServer` is shown until it is hydrated. */
export type Track = <T>(key: string, read: () => T, onServer: T) => T;

/** What one component read while it rendered last. */
class Reads {
  readonly #values = new Map<string, { readonly read: () => unknown; readonly value: unknown }>();
  #version = 0;

  clear(): void {
    this.#values.clear();
  }

  add(key: string, read: () => unknown): unknown {
    const value = read();
    // A later read, in an event handler, does not hide that what was rendered has changed.
    if (!this.#values.has(key)) this.#values.set(key, { read, value });
    return value;
  }

  /** Another number each time that something has changed. */
  readonly version = (): number => {
    for (const { read, value } of this.#values.values()) {
      if (Object.is(read(), value)) continue;
      this.#values.clear();
      this.#version += 1;
      break;
    }
    return this.#version;
  };
}

const ON_SERVER = -1;

/** Follows what the component reads of something that can be subscribed to. */
export function useTrack(of: object, subscribe: (listener: () => void) => () => void): Track {
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- of another room, nothing has been read
  const reads = useMemo(() => new Reads(), [of]);
  reads.clear();
  const version = useSyncExternalStore(subscribe, reads.version, () => ON_SERVER);
  return (key, read, onServer) => (version === ON_SERVER ? onServer : (reads.add(key, read) as typeof onServer));
}

/** Subscribes to a lent room, and holds it while the component is mounted. */
export function useHeld(rooms: Rooms, room: Pick<Room<never, never>, "subscribe">): Track {
  const subscribe = useMemo(
    () => (listener: () => void) => {
      const stop = room.subscribe(listener);
      const release = rooms.lend.hold(room);
      return () => {
        stop();
        release();
      };
    },
    [rooms, room],
  );
  return useTrack(room, subscribe);
}

/** Applies a selection, which gives the same result, by identity, as long as it is equal. */
export function useSelect<From, To>({ select, equal = Object.is }: Selection<From, To>): (from: From) => To {
  const last = useRef<{ readonly from: From; readonly select: (from: From) => To; readonly to: To }>(undefined);
  return (from) => {
    const before = last.current;
    if (before !== undefined && Object.is(before.from, from) && before.select === select) return before.to;
    const made = select(from);
    const to = before !== undefined && equal(before.to, made) ? before.to : made;
    last.current = { from, select, to };
    return to;
  };
}

/** Of everything, everything. */
export const ALL = { select: <T>(from: T): T => from };

const CONNECTING: Status = { phase: "connecting" };

/** The properties of a view that every kind of room has. */
export function viewOf<State>(
  track: Track,
  room: Pick<Room<never, never>, "status" | "pending" | "lastError"> & { readonly state: State | undefined },
): View<State> {
  return {
    get state() {
      return track<State | undefined>("state", () => room.state, undefined);
    },
    get status() {
      return track("status", () => room.status, CONNECTING);
    },
    get pending() {
      return track("pending", () => room.pending, 0);
    },
    get error() {
      return track<(RoomcastErrorFields & Error) | undefined>("error", () => room.lastError, undefined);
    },
  };
}

/** A view with more properties: getters stay getters. */
export function extend<V extends object, More extends object>(view: V, more: More): V & More {
  return Object.defineProperties(view, Object.getOwnPropertyDescriptors(more)) as V & More;
}
