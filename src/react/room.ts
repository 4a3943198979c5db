"use client";

import { useMemo } from "react";
import type { Rooms } from "../client/connect.ts";
import type { DocumentHandle, DocumentValue, Room } from "../client/types.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Json, JsonObject } from "../protocol/json.ts";
import { ALL, extend, type Selection, useHeld, useSelect, type View, viewOf } from "./hold.ts";

export interface RoomView<State, Intent, Presence extends object, Value = State | undefined> extends View<State> {
  /** The state, or what `select` makes of it. */
  readonly value: Value;
  /** To change the room. The same object until the id changes. */
  readonly room: Room<State, Intent, Presence>;
}

export interface DocumentView<T, Presence extends object, Value = DocumentValue<T> | undefined> extends View<
  DocumentValue<T>
> {
  /** The document, undefined until the first snapshot; or what `select` makes of it. */
  readonly value: Value;
  /** To change the document. The same object until the id changes. */
  readonly document: DocumentHandle<T, Presence>;
}

/**
 * A live room. Connected while any component uses it, and a few seconds longer; components that use the same room of
 * the same `rooms` share one connection. Make `rooms` once, outside of components. Throws for an id that no room can have.
 *
 * With `select`, the component renders again only when that gives another `value`.
 */
export function useRoom<State, Intent, Op, Presence extends object = JsonObject>(
  rooms: Rooms,
  kind: Kind<State, Intent, Op>,
  id: string,
): RoomView<State, Intent, Presence>;
export function useRoom<State, Intent, Op, Value, Presence extends object = JsonObject>(
  rooms: Rooms,
  kind: Kind<State, Intent, Op>,
  id: string,
  options: Selection<State | undefined, Value>,
): RoomView<State, Intent, Presence, Value>;
export function useRoom<State, Intent, Op>(
  rooms: Rooms,
  kind: Kind<State, Intent, Op>,
  id: string,
  options: Selection<State | undefined, unknown> = ALL,
): RoomView<State, Intent, JsonObject, unknown> {
  const room = useMemo(() => rooms.lend.room<State, Intent, Op>(kind, id), [rooms, kind, id]);
  const track = useHeld(rooms, room);
  const select = useSelect(options);
  return extend(viewOf(track, room), {
    room,
    get value() {
      return track("value", () => select(room.state), undefined);
    },
  });
}

/**
 * A live document: `const { value, document } = useDocument<Note>(rooms, "welcome")`. Shares and throws as `useRoom`.
 *
 * With `select`, the component renders again only when that gives another `value`. Its argument tells the document's shape:
 * `useDocument(rooms, "welcome", { select: (note?: Note) => note?.title })`.
 */
export function useDocument<T = Json, Presence extends object = JsonObject>(
  rooms: Rooms,
  id: string,
): DocumentView<T, Presence>;
export function useDocument<Value, T = Json, Presence extends object = JsonObject>(
  rooms: Rooms,
  id: string,
  options: Selection<T | undefined, Value>,
): DocumentView<T, Presence, Value>;
export function useDocument<T>(
  rooms: Rooms,
  id: string,
  options: Selection<T | undefined, unknown> = ALL,
): DocumentView<T, JsonObject, unknown> {
  const document = useMemo(() => rooms.lend.document<T>(id), [rooms, id]);
  const track = useHeld(rooms, document);
  const select = useSelect(options);
  const read = document as { readonly value: unknown } as { readonly value: T | undefined };
  const view = viewOf(track, document) as View<unknown> as View<DocumentValue<T>>;
  return extend(view, {
    document,
    get value() {
      return track<unknown>("value", () => select(read.value), undefined);
    },
  });
}
