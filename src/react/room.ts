import { useMemo } from "react";
import type { Rooms } from "../client/connect.ts";
import type { DocumentHandle, Room } from "../client/types.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import { useHeld, type View } from "./hold.ts";

export interface RoomView<State, Intent, Presence extends JsonObject> extends View<State> {
  /** To change the room. The same object until the id changes. */
  readonly room: Room<State, Intent, Presence>;
}

export interface DocumentView<T, Presence extends JsonObject> extends View<T> {
  /** The document; undefined until the first snapshot. */
  readonly value: T | undefined;
  /** To change the document. The same object until the id changes. */
  readonly document: DocumentHandle<T, Presence>;
}

/**
 * A live room. Connected while any component uses it, and a few seconds longer; components that use the same room of
 * the same `rooms` share one connection. Make `rooms` once, outside of components. Throws for an id that no room can have.
 */
export function useRoom<State, Intent, Op, Presence extends JsonObject = JsonObject>(
  rooms: Rooms,
  kind: Kind<State, Intent, Op>,
  id: string,
): RoomView<State, Intent, Presence> {
  const room = useMemo(() => rooms.lend.room<State, Intent, Op, Presence>(kind, id), [rooms, kind, id]);
  return { ...useHeld(rooms, room), room };
}

/** A live document: `const { value, document, status } = useDocument<Note>(rooms, "welcome")`. Shares and throws as `useRoom`. */
export function useDocument<T = Json, Presence extends JsonObject = JsonObject>(
  rooms: Rooms,
  id: string,
): DocumentView<T, Presence> {
  const document = useMemo(() => rooms.lend.document<T, Presence>(id), [rooms, id]);
  const view = useHeld(rooms, document) as View<T>;
  return { ...view, value: view.state, document };
}
