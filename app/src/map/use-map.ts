import { map, type Feature, type MapHandle } from "roomcast";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { rooms } from "../roomcast.ts";
import type { MapPerson } from "./people.ts";
import { type Item, MapSession, type View } from "./session.ts";

const Session = createContext<MapSession | undefined>(undefined);
export const SessionProvider = Session;

/** The map that this part of the page is about. */
export function useSession(): MapSession {
  const session = useContext(Session);
  if (session === undefined) throw new Error("Outside of a map.");
  return session;
}

/** Opens a map for as long as the component is there. */
export function useOpenSession(id: string): MapSession {
  const handle = useMemo<MapHandle>(() => map(rooms.lend, id), [id]);
  const session = useMemo(() => new MapSession(handle), [handle]);
  useEffect(() => {
    const letGo = rooms.lend.hold(handle);
    const leave = session.start();
    return () => {
      leave();
      letGo();
    };
  }, [handle, session]);
  return session;
}

export function useView(session: MapSession): View {
  return useSyncExternalStore(session.subscribe, session.view);
}

export function usePeople(session: MapSession): readonly MapPerson[] {
  return useSyncExternalStore(session.subscribe, session.people);
}

export function useItems(session: MapSession): readonly Item[] | undefined {
  const subscribe = useCallback((listener: () => void) => session.handle.subscribe(listener), [session]);
  return useSyncExternalStore(subscribe, session.items);
}

export function useFeature(session: MapSession, id: string | undefined): Feature | undefined {
  const subscribe = useCallback((listener: () => void) => session.handle.subscribe(listener), [session]);
  return useSyncExternalStore(subscribe, () => (id === undefined ? undefined : session.handle.feature(id)));
}

export function useCanUndo(session: MapSession): boolean {
  const subscribe = useCallback((listener: () => void) => session.handle.subscribe(listener), [session]);
  return useSyncExternalStore(subscribe, () => session.handle.canUndo);
}

/** How often the way to the server is measured, in milliseconds. */
const MEASURE = 5_000;

/** Milliseconds to the server and back, the median of the last few; undefined while not known. */
export function useLatency(session: MapSession): number | undefined {
  const [latency, setLatency] = useState<number>();
  useEffect(() => {
    let last: number[] = [];
    let over = false;
    const measure = async () => {
      if (document.visibilityState === "hidden" || session.handle.status.phase !== "live") return;
      const took = await session.handle.ping();
      if (over) return;
      last = took === undefined ? [] : [...last.slice(-4), took];
      setLatency(last.toSorted((a, b) => a - b)[Math.floor(last.length / 2)]);
    };
    const timer = setInterval(() => void measure(), MEASURE);
    void session.handle.ready().then(measure, () => undefined);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [session]);
  return latency;
}

function subscribeTo(query: string): (listener: () => void) => () => void {
  return (listener) => {
    const list = matchMedia(query);
    list.addEventListener("change", listener);
    return () => list.removeEventListener("change", listener);
  };
}

const subscribeDark = subscribeTo("(prefers-color-scheme: dark)");

export function useDark(): boolean {
  return useSyncExternalStore(subscribeDark, () => matchMedia("(prefers-color-scheme: dark)").matches);
}
