import { chat as open } from "../../../src/client/chat/chat.ts";
import type { ChatHandle } from "../../../src/client/types.ts";
import type { ChatOp, ChatState, Message } from "../../../src/kinds/chat/types.ts";
import type { Script } from "./script.ts";

const sent = (op: ChatOp): readonly string[] => (op.type === "send" ? [op.message.text] : []);

const REACTIONS = ["👍", "🎉", "😀"];

function comparable(messages: readonly Message[]): unknown {
  return messages.slice(-50).map(({ n, text, from, deleted, edited, reactions }) => ({
    n,
    text,
    from,
    deleted: deleted !== undefined,
    edited: edited !== undefined,
    reactions: reactions ?? null,
  }));
}

export const chat: Script<ChatHandle> = {
  binding: "CHATS",
  path: (id) => `/chat/${id}`,
  paths: ["/state", "/messages"],
  open: (rooms, id) => {
    const handle = open(rooms, id);
    handle.introduce({ name: "Somebody" });
    return handle;
  },
  mutate: (handle, chance, token) => {
    const known = (handle.messages ?? []).filter(({ n }) => n > 0);
    // What is deleted in the flush that it came in is in no row at all.
    const stored = known.filter(({ at }) => Date.now() - at > 1_000);
    const some = stored.length === 0 ? undefined : chance.pick(stored);
    const action = some === undefined ? "send" : chance.weighted({ send: 5, edit: 2, delete: 1, react: 2, read: 1 });
    if (action === "send" || some === undefined) return { token, promise: handle.send(token) };
    // A later edit, or a deletion, takes the text of an edit with it.
    if (action === "edit") return { token: undefined, promise: handle.edit(some.n, token) };
    if (action === "delete") return { token: undefined, promise: handle.delete(some.n) };
    if (action === "react") return { token: undefined, promise: handle.react(some.n, chance.pick(REACTIONS)) };
    return { token: undefined, promise: handle.markRead(some.n) };
  },
  request: (_, token) => ({ path: "/messages", body: JSON.stringify({ text: token, name: "Web" }) }),
  tokens: (op: ChatOp) => {
    if (op.type === "send") return [op.message.text];
    return op.type === "edit" && op.text !== undefined ? [op.text] : [];
  },
  erases: true,
  presence: (_, token) => ({ name: token.slice(0, 30) }),
  shown: (handle) => comparable((handle.messages ?? []).filter(({ n }) => n > 0)),
  stored: (state: ChatState) => comparable(state.recent),
  simple: [
    {
      address: (id) => `/api/room/${id}/websocket`,
      hello: [JSON.stringify({ name: "Json" })],
      write: (_, token) => JSON.stringify({ message: token }),
      // What was edited before it came shows its newest text.
      tokens: (frame) => {
        const { message } = JSON.parse(frame) as { readonly message?: string };
        return message === undefined ? [] : [message];
      },
      logged: sent,
      completeFrom: (frames) => {
        const ready = frames.indexOf('{"ready":true}');
        return ready === -1 ? Infinity : ready;
      },
    },
    {
      address: (id) => `/chat/${id}`,
      hello: [],
      write: (_, token) => token,
      tokens: (frame) => /token-\d+$/.exec(frame) ?? [],
      logged: sent,
      completeFrom: () => 0,
    },
  ],
};
