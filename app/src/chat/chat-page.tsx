import "../styles/message.css";
import "../styles/chat.css";
import { useChat } from "roomcast/react";
import { useEffect, useMemo, useState } from "react";
import { ConnectionBanner, ConnectionPill, type RoomWords } from "../room/connection.tsx";
import { MyName } from "../room/my-name.tsx";
import { ShareButton } from "../room/share-button.tsx";
import { useLeaveWarning, useMay } from "../room/use-live.ts";
import { follow } from "../route.ts";
import { rooms } from "../roomcast.ts";
import { Mark } from "../ui/icons.tsx";
import { BodyBoundary } from "../ui/boundary.tsx";
import { Compose } from "./compose.ts";
import { Composer } from "./composer.tsx";
import { MessageLog } from "./message-log.tsx";
import { Drawer, Empty, Loading, RoomSign, Typing } from "./parts.tsx";
import { RoomMenu } from "./room-menu.tsx";
import { rememberRoom, roomTitle, unfit } from "./rooms.ts";
import { toRows } from "./rows.ts";
import { People, SidePanel } from "./side-panel.tsx";
import { TalkProvider } from "./talk.ts";
import { UnreadRooms } from "./unread.tsx";
import { useJump } from "./use-jump.ts";
import {
  LONGEST_NAME,
  useBarred,
  useIntroduction,
  seenBy,
  useIsMine,
  useMessagesOnly,
  useOlder,
  useReadMarker,
  useReading,
  useScroller,
  useTalkOf,
  useTitle,
} from "./use-room.ts";

const WORDS: RoomWords = {
  room: "room",
  one: "message",
  doing: "Sending",
  goOn: "You can go on writing: your messages are kept here and sent later.",
  ended: "You are no longer in this room.",
};

/** With more, what is far above goes when one is back at the end; it can be fetched again. */
const MOST_HELD = 800;
const KEPT = 300;

/** Talk in a room. */
export function ChatPage({ id }: { readonly id: string }) {
  const problem = unfit(id);
  if (problem === undefined) return <Room id={id} />;
  return (
    <main className="chat-error">
      <h1>There is no such room</h1>
      <p>{problem}</p>
      <a className="button" href="/" onClick={follow}>
        To the start
      </a>
    </main>
  );
}

function Room({ id }: { readonly id: string }) {
  const { chat, messages, members, state, status, hasOlder, loadingOlder, gap } = useChat(rooms, id);
  const { me, rename } = useIntroduction(chat);
  const isMine = useIsMine(chat);
  const admin = useMay(chat, "admin") && chat.you !== undefined;
  const older = useOlder(chat);
  const { jump, flash } = useJump(chat);
  const [compose] = useState(() => new Compose());
  const { scroller, atEnd } = useScroller(older.nearTop);
  const talk = useTalkOf(chat, compose, { jump, stay: scroller.stay });
  const barred = useBarred(chat, state, admin);
  const title = roomTitle(id);
  const away = status.phase !== "live";
  const live = useMessagesOnly(chat);
  useLeaveWarning(live);
  useEffect(() => rememberRoom(id, Date.now()), [id]);

  const { newFrom, unread, read } = useReading(chat, messages, isMine, atEnd);
  useReadMarker(chat, read, members.length);
  useTitle(title, unread);
  const myself = chat.me;
  const rows = useMemo(() => toRows(messages ?? [], { me: myself, newFrom, gap }), [messages, myself, newFrom, gap]);
  useEffect(() => {
    if (atEnd && (messages?.length ?? 0) > MOST_HELD) chat.forgetOlder(KEPT);
  }, [atEnd, messages, chat]);

  const editLast = () => {
    const last = messages?.findLast(({ n, from, deleted }) => n > 0 && from === myself && deleted === undefined);
    if (last !== undefined) compose.begin("edit", last);
  };

  const people = { me, members, away };
  const side = <SidePanel id={id} {...people} />;
  return (
    <TalkProvider value={talk}>
      <UnreadRooms current={id}>
        <a className="skip" href="#write">
          Skip to writing
        </a>
        <div className="chat-page">
          <header className="topbar">
            <a className="home" href="/" onClick={follow} aria-label="Roomcast: the start">
              <Mark />
            </a>
            <h1 title={id}>
              <RoomSign id={id} />
              <span dir="auto">{title}</span>
            </h1>
            <ConnectionPill room={live} words={WORDS} />
            <div className="topbar-people">
              <MyName
                me={me}
                rename={rename}
                longest={LONGEST_NAME}
                hint="Your messages from now on are under it. It stays in this browser."
              />
            </div>
            <div className="topbar-actions">
              {admin && state !== undefined && <RoomMenu chat={chat} state={state} />}
              <ShareButton />
              <Drawer count={away ? undefined : members.length + 1}>{side}</Drawer>
            </div>
          </header>
          <aside className="side" aria-label="Rooms and people">
            {side}
          </aside>
          <aside className="side side-people" aria-label="People">
            <People {...people} />
          </aside>
          <main className="talk">
            <ConnectionBanner room={live} words={WORDS} />
            <BodyBoundary>
              {messages === undefined || messages.length === 0 ? (
                <div className="log-frame">
                  {messages !== undefined ? <Empty id={id} /> : status.phase === "closed" ? null : <Loading />}
                </div>
              ) : (
                <MessageLog
                  rows={rows}
                  scroller={scroller}
                  atEnd={atEnd}
                  isMine={isMine}
                  me={myself}
                  admin={admin}
                  unread={unread}
                  hasOlder={hasOlder}
                  loadingOlder={loadingOlder}
                  olderFailed={older.failed}
                  loadOlder={older.load}
                  seenBy={away ? "" : seenBy(chat, members)}
                  flash={flash}
                  leave={compose.focus}
                />
              )}
            </BodyBoundary>
            <div className="foot" id="write" tabIndex={-1}>
              <Typing members={members} away={away} />
              <Composer title={title} messages={messages} barred={barred} editLast={editLast} sent={scroller.toEnd} />
            </div>
          </main>
        </div>
      </UnreadRooms>
    </TalkProvider>
  );
}
