"use client";

export { useChat, type ChatView } from "./chat.ts";
export { usePresence } from "./presence.ts";
export { useDocument, useRoom, type DocumentView, type RoomView } from "./room.ts";
export type { Selection, View } from "./hold.ts";
