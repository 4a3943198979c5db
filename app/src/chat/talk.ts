import type { ChatHandle, Person } from "roomcast";
import { createContext, useContext } from "react";
import type { Compose } from "./compose.ts";

/** What the parts of a chat's page share. The same object while the room is, so that it draws nothing anew. */
export interface Talk {
  readonly chat: ChatHandle;
  readonly compose: Compose;
  /** Brings a message into view, fetching what is between. */
  readonly jump: (n: number) => void;
  /** Awaits what the room says, and tells the person when it says no. */
  readonly attempt: (answer: Promise<void>, what: string) => void;
  /** Keeps the lines that are in view where they are while something among them grows or shrinks, also at the end. */
  readonly stay: () => void;
  readonly nameOf: (person: Person) => string;
}

const TalkContext = createContext<Talk | undefined>(undefined);
export const TalkProvider = TalkContext;

export function useTalk(): Talk {
  const talk = useContext(TalkContext);
  if (talk === undefined) throw new Error("Outside of a chat.");
  return talk;
}
