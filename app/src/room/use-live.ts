import type { Permission } from "roomcast";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Status } from "../roomcast.ts";

/** What the parts of a page that show how a room's connection stands need of its handle. */
export interface Live {
  readonly status: Status;
  readonly pending: number;
  readonly you: string | undefined;
  readonly can: readonly Permission[];
  subscribe(listener: () => void): () => void;
  retry(): void;
}

function useLive<T>(room: Live, read: () => T): T {
  const subscribe = useCallback((listener: () => void) => room.subscribe(listener), [room]);
  return useSyncExternalStore(subscribe, read);
}

export function useStatus(room: Live): Status {
  return useLive(room, () => room.status);
}

/** Changes that the room has not answered yet. */
export function usePending(room: Live): number {
  return useLive(room, () => room.pending);
}

/** What the room lets this person do. Before it has said, they are not stopped. */
export function useMay(room: Live, what: "write" | "admin"): boolean {
  return useLive(room, () => room.you === undefined || room.can.includes(what));
}

/** What has not been sent lives in this window only: leaving it asks first. */
export function useLeaveWarning(room: Live): void {
  const unsent = usePending(room) > 0;
  useEffect(() => {
    if (!unsent) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [unsent]);
}

/** The time, kept up to date while the component is shown. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
