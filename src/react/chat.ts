import { useCallback, useMemo, useSyncExternalStore } from "react";
import { chat } from "../client/chat/chat.ts";
import type { Rooms } from "../client/connect.ts";
import type { ChatHandle, ChatMember, ChatMessage } from "../client/types.ts";
import type { ChatState } from "../kinds/chat/types.ts";
import { useHeld, type View } from "./hold.ts";

/** How a chat room stands, as of one render; each field as in `ChatHandle`. */
export interface ChatView extends View<ChatState> {
  readonly messages: readonly ChatMessage[] | undefined;
  readonly members: readonly ChatMember[];
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  readonly gap: number | undefined;
  /** To say something. The same object until the id changes. */
  readonly chat: ChatHandle;
}

/** A live chat room: `const { messages, chat } = useChat(rooms, "lobby")`. Shares and throws as `useRoom`. */
export function useChat(rooms: Rooms, id: string): ChatView {
  const room = useMemo(() => chat(rooms.lend, id), [rooms, id]);
  const view = useHeld(rooms, room);
  const messages = useRead(room, () => room.messages, undefined);
  const members = useRead(room, () => room.members, NOBODY);
  const hasOlder = useRead(room, () => room.hasOlder, false);
  const loadingOlder = useRead(room, () => room.loadingOlder, false);
  const gap = useRead(room, () => room.gap, undefined);
  return { ...view, messages, members, hasOlder, loadingOlder, gap, chat: room };
}

function useRead<T>(room: ChatHandle, read: () => T, onServer: T): T {
  const subscribe = useCallback((listener: () => void) => room.subscribe(listener), [room]);
  return useSyncExternalStore(subscribe, read, () => onServer);
}

const NOBODY: readonly ChatMember[] = [];
