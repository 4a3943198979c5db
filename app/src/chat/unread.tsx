import { useChat } from "roomcast/react";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { rooms } from "../roomcast.ts";
import { countUnread } from "./reading.ts";
import { recentList, type RecentRoom } from "./rooms.ts";

/**
 * Each is a connection, which costs the server nothing while the room is quiet. Polling would wake every room again and
 * again. Rooms beyond these were not opened for a while.
 */
const WATCHED_ROOMS = 6;

type Counts = ReadonlyMap<string, number>;

const UnreadContext = createContext<Counts>(new Map());

/** How many messages are new in each of the other rooms. */
export function useUnread(): Counts {
  return useContext(UnreadContext);
}

/** Watches the rooms that this browser opened last, besides the one that is open. */
export function UnreadRooms({ current, children }: { readonly current: string; readonly children: ReactNode }) {
  const recent = useRecentRooms();
  const [counts, setCounts] = useState<Counts>(new Map());
  const report = useCallback((id: string, count: number) => {
    setCounts((before) => (before.get(id) === count ? before : new Map(before).set(id, count)));
  }, []);
  return (
    <UnreadContext value={counts}>
      {recent
        .filter(({ id }) => id !== current)
        .slice(0, WATCHED_ROOMS)
        .map((room) => (
          <Watch key={room.id} room={room} report={report} />
        ))}
      {children}
    </UnreadContext>
  );
}

interface WatchProps {
  readonly room: RecentRoom;
  readonly report: (id: string, count: number) => void;
}

function Watch({ room, report }: WatchProps) {
  const { chat, messages } = useChat(rooms, room.id);
  const count = countUnread(messages ?? [], room, { me: chat.me, version: chat.version });
  const { id } = room;
  useEffect(() => report(id, count), [report, id, count]);
  useEffect(() => () => report(id, 0), [report, id]);
  return null;
}

/** The rooms last open in this browser, as they are read in this tab and in others. */
export function useRecentRooms(): readonly RecentRoom[] {
  return useSyncExternalStore(recentList.follow, recentList.get);
}
