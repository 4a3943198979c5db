import type { ChatHandle, ChatMember, ChatMessage, ChatState } from "roomcast";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { hueToColor } from "../lib/hues.ts";
import { type Me, loadMe } from "../lib/people.ts";
import { load, save } from "../lib/storage.ts";
import { type Live, useNow } from "../room/use-live.ts";
import { RoomcastError } from "../roomcast.ts";
import { useToast } from "../ui/toasts.tsx";
import type { Compose } from "./compose.ts";
import { refusalReason } from "./message-row.tsx";
import { type ReadState, Reading } from "./reading.ts";
import { Scroller } from "./scroller.ts";
import type { Talk } from "./talk.ts";

/** UTF-16 units. */
export const LONGEST_NAME = 32;

export function useTalkOf(chat: ChatHandle, compose: Compose, { jump, stay }: Pick<Talk, "jump" | "stay">): Talk {
  const toast = useToast();
  return useMemo<Talk>(
    () => ({
      chat,
      compose,
      jump,
      stay,
      attempt: (answer, what) => {
        answer.catch((error: unknown) => {
          const detail = error instanceof RoomcastError ? refusalReason(error) : "The browser did not let the page.";
          toast({ tone: "bad", text: `${what} was not done.`, detail });
        });
      },
      nameOf: (person) => {
        if (person === chat.me) return "you";
        const member = chat.members.find((each) => each.person === person);
        return member?.name ?? chat.messages?.findLast(({ from }) => from === person)?.name ?? "somebody";
      },
    }),
    [chat, compose, jump, stay, toast],
  );
}

interface Older {
  readonly load: () => void;
  readonly failed: boolean;
  /** The beginning of what is held is near: fetches what is before, but after a failure only when asked to. */
  readonly nearTop: () => void;
}

export function useOlder(chat: ChatHandle): Older {
  const [failed, setFailed] = useState(false);
  const load = useCallback(() => {
    setFailed(false);
    chat.loadOlder().catch(() => setFailed(true));
  }, [chat]);
  const nearTop = useCallback(() => {
    if (!failed && chat.hasOlder && !chat.loadingOlder) load();
  }, [chat, load, failed]);
  return { load, failed, nearTop };
}

export function useScroller(nearTop: () => void): { readonly scroller: Scroller; readonly atEnd: boolean } {
  const [scroller] = useState(() => new Scroller());
  useEffect(() => scroller.onNearTop(nearTop), [scroller, nearTop]);
  return { scroller, atEnd: useSyncExternalStore(scroller.subscribe, scroller.atEnd) };
}

/** The room as the pill and the banner tell of it: only messages count as waiting, not who read what. */
export function useMessagesOnly(chat: ChatHandle): Live {
  return useMemo(
    () => ({
      get status() {
        return chat.status;
      },
      get pending() {
        let count = 0;
        for (const { sending, error } of chat.messages?.toReversed() ?? []) {
          if (sending !== true && error === undefined) break;
          if (sending === true) count += 1;
        }
        return count;
      },
      get you() {
        return chat.you;
      },
      get can() {
        return chat.can;
      },
      subscribe: (listener) => chat.subscribe(listener),
      retry: () => chat.retry(),
    }),
    [chat],
  );
}

/** In a larger company than this nobody asks who has read what, and it would be an op of each for every message. */
const FEW = 12;
const PAUSE = 1_500;

/** Tells the others how far this person has read, where they are few. */
export function useReadMarker(chat: ChatHandle, read: number, company: number): void {
  useEffect(() => {
    if (company === 0 || company > FEW) return undefined;
    const last = chat.messages?.findLast(({ n, from }) => n > 0 && n <= read && from !== chat.me)?.n ?? 0;
    if (last <= (chat.state?.read[chat.me ?? ""] ?? 0)) return undefined;
    const timer = setTimeout(() => void chat.markRead(last).catch(() => undefined), PAUSE);
    return () => clearTimeout(timer);
  }, [chat, read, company]);
}

/** Who of those here has read one's own message, when it is the last; empty where there is nothing to say. */
export function seenBy(chat: ChatHandle, members: readonly ChatMember[]): string {
  const last = chat.messages?.at(-1);
  if (last === undefined || last.n === 0 || last.from !== chat.me || members.length > FEW) return "";
  const names = members.filter(({ person }) => (chat.state?.read[person] ?? 0) >= last.n).map(({ name }) => name);
  return names.join(", ");
}

export function useReading(
  { id, version = "" }: ChatHandle,
  messages: readonly ChatMessage[] | undefined,
  isMine: (message: ChatMessage) => boolean,
  atEnd: boolean,
): ReadState {
  const [reading] = useState(
    () => new Reading(id, () => document.visibilityState === "visible" && document.hasFocus()),
  );
  useEffect(() => reading.start(), [reading]);
  const epoch = version.split(".")[0] ?? "";
  useEffect(() => reading.show({ messages, isMine, atEnd, epoch }), [reading, messages, isMine, atEnd, epoch]);
  return useSyncExternalStore(reading.subscribe, reading.state);
}

export function useIntroduction(chat: ChatHandle): { readonly me: Me; readonly rename: (me: Me) => void } {
  const [me, setMe] = useState(shortened);
  useEffect(() => chat.introduce({ name: me.name, color: hueToColor(me.hue) }), [chat, me]);
  useEffect(
    () => () => {
      // The connection stays for a while; who has gone to another room is not here meanwhile. What still waits needs the name.
      if (chat.pending === 0) chat.presence.clear();
    },
    [chat],
  );
  const rename = (next: Me) => {
    save("me", next);
    setMe(next);
  };
  return { me, rename };
}

function shortened(): Me {
  const me = loadMe();
  return me.name.length <= LONGEST_NAME ? me : { ...me, name: Array.from(me.name).slice(0, 16).join("") };
}

/** Who signs in, or whose browser forgot who they are, gets another name; the browser knows them by all that they had. */
export function useIsMine(chat: ChatHandle): (message: ChatMessage) => boolean {
  const { me } = chat;
  const key = `chat-me:${chat.id}`;
  return useMemo(() => {
    const stored = load(key);
    const before = Array.isArray(stored) ? stored.filter((each) => typeof each === "string") : [];
    const mine = new Set(me === undefined ? before : [...before.filter((each) => each !== me), me].slice(-50));
    if (me !== undefined) save(key, [...mine]);
    return ({ from, n }: ChatMessage) => n === 0 || mine.has(from);
  }, [me, key]);
}

/** Why this person may not write now. */
export function useBarred(chat: ChatHandle, state: ChatState | undefined, admin: boolean): string | undefined {
  const now = useNow(5_000);
  const { me, status } = chat;
  if (status.phase === "closed") return "The room is closed";
  if (state === undefined || admin) return undefined;
  if (!chat.can.includes("write") && me !== undefined) return "You may only read here";
  if (state.rules.locked) return "The room is locked: only moderators may write";
  const mute = state.muted.find(({ person, until }) => person === me && (until ?? Infinity) > now);
  if (mute === undefined) return undefined;
  const { until } = mute;
  return until === undefined ? "You are muted" : `You are muted until ${new Date(until).toLocaleTimeString()}`;
}

export function useTitle(title: string, unread: number): void {
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${title} · Roomcast`;
  }, [title, unread]);
}
