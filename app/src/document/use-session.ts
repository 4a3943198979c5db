import { useDocument } from "roomcast/react";
import { createContext, useCallback, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import type { Json } from "../lib/json.ts";
import type { Me, Person } from "../lib/people.ts";
import type { Pointer } from "../lib/pointer.ts";
import { rooms } from "../roomcast.ts";
import { DocumentSession, type Reveal } from "./session.ts";

const Session = createContext<DocumentSession | undefined>(undefined);
export const SessionProvider = Session;

/** The document that this part of the page is about. */
export function useSession(): DocumentSession {
  const session = useContext(Session);
  if (session === undefined) throw new Error("Outside of a document.");
  return session;
}

/** Opens a document for as long as the component is there. */
export function useOpenSession(id: string): DocumentSession {
  const { document } = useDocument(rooms, id);
  const session = useMemo(() => new DocumentSession(document), [document]);
  useEffect(() => session.start(), [session]);
  return session;
}

function useRoom<T>(session: DocumentSession, read: () => T): T {
  const subscribe = useCallback((listener: () => void) => session.handle.subscribe(listener), [session]);
  return useSyncExternalStore(subscribe, read);
}

/** The document as this person sees it, their unconfirmed changes included; undefined until it has come. */
export function useValue(session: DocumentSession): Json | undefined {
  return useRoom(session, () => session.handle.value);
}

export function useVersion(session: DocumentSession): string | undefined {
  return useRoom(session, () => session.handle.version);
}

export function usePeople(session: DocumentSession): readonly Person[] {
  return useSyncExternalStore(session.roster.subscribe, session.roster.people);
}

export function usePeopleAt(path: Pointer): readonly Person[] {
  const { roster } = useSession();
  return useSyncExternalStore(roster.subscribe, () => roster.at(path));
}

export function useNamesWithin(path: Pointer, wanted: boolean): string {
  const { roster } = useSession();
  return useSyncExternalStore(roster.subscribe, () => (wanted ? roster.namesWithin(path) : ""));
}

/** This person's colour among those who are here. */
export function useMyHue(session: DocumentSession): number {
  return useSyncExternalStore(session.roster.subscribe, session.roster.myHue);
}

export function useMe(session: DocumentSession): Me {
  return useSyncExternalStore(session.subscribe, () => session.me);
}

export function useReveal(): Reveal | undefined {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.revealed);
}
