"use client";

import { useCallback, useEffect, useState } from "react";
import { report } from "../client/errors.ts";
import { jsonText } from "../client/json.ts";
import type { Peer, Room, RoomPresence } from "../client/types.ts";
import { ALL, type Selection, useSelect, useTrack } from "./hold.ts";

const NOBODY: readonly Peer<never>[] = [];

/** What components say for a room, the latest last. */
const voices = new WeakMap<object, Map<object, object>>();

function say<Presence extends object>(presence: RoomPresence<Presence>, who: object, data: Presence): void {
  const said = voices.get(presence) ?? new Map<object, object>();
  voices.set(presence, said);
  presence.set(data);
  said.delete(who);
  said.set(who, data);
}

/** The one that spoke before is heard again. */
function fallSilent<Presence extends object>(presence: RoomPresence<Presence>, who: object): void {
  const said = voices.get(presence);
  said?.delete(who);
  const before = [...(said?.values() ?? [])].at(-1);
  if (before === undefined) presence.clear();
  else presence.set(before as Presence);
}

/**
 * The others in a room, and, given `mine`, what they see of this client: from mount, through each change, to unmount.
 * `mine` may be a new object each time; only a change in content is sent. Of several components that publish something for
 * the same room, the latest is shown. Without `mine`, the client watches unseen. With `select`, the component renders again
 * only when that gives another result. Data that is not JSON goes to the page's error handlers and is not sent.
 */
export function usePresence<Presence extends object>(
  room: Pick<Room<never, never, Presence>, "presence">,
  mine?: Presence,
): readonly Peer<Presence>[];
export function usePresence<Presence extends object, Value>(
  room: Pick<Room<never, never, Presence>, "presence">,
  mine: Presence | undefined,
  options: Selection<readonly Peer<Presence>[], Value>,
): Value;
export function usePresence<Presence extends object>(
  { presence }: Pick<Room<never, never, Presence>, "presence">,
  mine?: Presence,
  options: Selection<readonly Peer<Presence>[], unknown> = ALL,
): unknown {
  const { text, fault } = mine === undefined ? {} : contentOf(mine);
  const [me] = useState(() => ({}));
  useEffect(() => {
    if (text !== undefined) say(presence, me, JSON.parse(text) as Presence);
  }, [presence, me, text]);
  useEffect(() => {
    if (fault !== undefined) report(new TypeError(fault));
  }, [fault]);
  const shown = text !== undefined;
  useEffect(() => {
    if (shown) return () => fallSilent(presence, me);
    return undefined;
  }, [presence, me, shown]);
  const subscribe = useCallback((listener: () => void) => presence.subscribe(listener), [presence]);
  const track = useTrack(presence, subscribe);
  const select = useSelect(options);
  return track("peers", () => select(presence.peers), select(NOBODY));
}

/** The data as JSON text, by which renders are compared; or what is wrong with it. */
function contentOf(data: object): { readonly text?: string; readonly fault?: string } {
  try {
    return { text: jsonText(data) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
