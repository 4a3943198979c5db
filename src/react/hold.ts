import { useMemo, useSyncExternalStore } from "react";
import type { Rooms } from "../client/connect.ts";
import type { Room, RoomcastErrorFields, Status } from "../client/types.ts";

/** How a room stands, as of one render. The same object until something in it changes. */
export interface View<State> {
  /** Undefined until the first snapshot; keeps its identity while it does not change. */
  readonly state: State | undefined;
  readonly status: Status;
  /** Mutations that the room has not answered yet. */
  readonly pending: number;
  /** The latest error of the room, whether or not a promise brought it too. */
  readonly error: (RoomcastErrorFields & Error) | undefined;
}

const views = new WeakMap<object, View<unknown>>();

const CONNECTING: Status = { phase: "connecting" };
const NOTHING: View<never> = { state: undefined, status: CONNECTING, pending: 0, error: undefined };

// React compares what it gets by identity and asks often, so a view is made anew only when it differs.
function viewOf<State>(room: Pick<Room<State, never>, "state" | "status" | "pending" | "lastError">): View<State> {
  const { state, status, pending, lastError: error } = room;
  const last = views.get(room) as View<State> | undefined;
  if (last?.state === state && last?.status === status && last.pending === pending && last.error === error) return last;
  const view = { state, status, pending, error };
  views.set(room, view);
  return view;
}

/** Subscribes to a lent room, and holds it while the component is mounted. */
export function useHeld<State>(rooms: Rooms, room: Room<State, never>): View<State> {
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
  return useSyncExternalStore(
    subscribe,
    () => viewOf(room),
    () => NOTHING,
  );
}
