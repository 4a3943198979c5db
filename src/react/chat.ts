"use client";

import { useMemo } from "react";
import { chat } from "../client/chat/chat.ts";
import type { Rooms } from "../client/connect.ts";
import type { ChatHandle, ChatMember, ChatMessage } from "../client/types.ts";
import type { ChatState } from "../kinds/chat/types.ts";
import { extend, useHeld, type View, viewOf } from "./hold.ts";

/** How a chat room stands; each field as in `ChatHandle`. */
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
  const track = useHeld(rooms, room);
  return extend(viewOf(track, room), {
    chat: room,
    get messages() {
      return track<readonly ChatMessage[] | undefined>("messages", () => room.messages, undefined);
    },
    get members() {
      return track("members", () => room.members, NOBODY);
    },
    get hasOlder() {
      return track("hasOlder", () => room.hasOlder, false);
    },
    get loadingOlder() {
      return track("loadingOlder", () => room.loadingOlder, false);
    },
    get gap() {
      return track<number | undefined>("gap", () => room.gap, undefined);
    },
  });
}

const NOBODY: readonly ChatMember[] = [];
