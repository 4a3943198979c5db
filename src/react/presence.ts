import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Peer, Room } from "../client/types.ts";
import type { JsonObject } from "../protocol/json.ts";

const NOBODY: readonly Peer<never>[] = [];

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
  useEffect(() => {
    if (text !== undefined) presence.set(JSON.parse(text) as Presence);
  }, [presence, text]);
  const shown = text !== undefined;
  useEffect(() => {
    if (shown) return () => presence.clear();
    return undefined;
  }, [presence, shown]);
  const subscribe = useCallback((listener: () => void) => presence.subscribe(listener), [presence]);
  return useSyncExternalStore(
    subscribe,
    () => presence.peers,
    () => NOBODY,
  );
}
