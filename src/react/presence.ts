import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Peer, Room, RoomPresence } from "../client/types.ts";
import type { JsonObject } from "../protocol/json.ts";

const NOBODY: readonly Peer<never>[] = [];

/** What components say for a room, the latest last. */
const voices = new WeakMap<object, Map<object, JsonObject>>();

function say<Presence extends JsonObject>(presence: RoomPresence<Presence>, who: object, data: Presence): void {
  const said = voices.get(presence) ?? new Map<object, JsonObject>();
  voices.set(presence, said);
  said.delete(who);
  said.set(who, data);
  presence.set(data);
}

/** The one that spoke before is heard again. */
function fallSilent<Presence extends JsonObject>(presence: RoomPresence<Presence>, who: object): void {
  const said = voices.get(presence);
  said?.delete(who);
  const before = [...(said?.values() ?? [])].at(-1);
  if (before === undefined) presence.clear();
  else presence.set(before as Presence);
}

/**
 * The others in a room, and, given `mine`, what they see of this client: from mount, through each change, to unmount.
 * `mine` may be a new object each time; only a change in content is sent. Of several components that say something for
 * the same room, the latest is heard. Without `mine`, the client watches unseen.
 */
export function usePresence<Presence extends JsonObject>(
  { presence }: Pick<Room<never, never, Presence>, "presence">,
  mine?: Presence,
): readonly Peer<Presence>[] {
  const text = mine === undefined ? undefined : JSON.stringify(mine);
  const [me] = useState(() => ({}));
  useEffect(() => {
    if (text !== undefined) say(presence, me, JSON.parse(text) as Presence);
  }, [presence, me, text]);
  const shown = text !== undefined;
  useEffect(() => {
    if (shown) return () => fallSilent(presence, me);
    return undefined;
  }, [presence, me, shown]);
  const subscribe = useCallback((listener: () => void) => presence.subscribe(listener), [presence]);
  return useSyncExternalStore(
    subscribe,
    () => presence.peers,
    () => NOBODY,
  );
}
