import type { ChatMember } from "roomcast";
import { type ReactNode, useRef } from "react";
import { CloseIcon, LockIcon, MenuIcon } from "../ui/icons.tsx";
import { isPrivate } from "./rooms.ts";
import { typingWords } from "./rows.ts";
import { useUnread } from "./unread.tsx";

/** On a narrow screen, what stands at the side on a wide one. */
export function Drawer({ count, children }: { readonly count: number | undefined; readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isNew = [...useUnread().values()].some((unread) => unread > 0);
  return (
    <div className="drawer">
      <button type="button" className="button" onClick={() => dialog.current?.showModal()}>
        <MenuIcon size={16} />
        <span className="visually-hidden">
          Rooms and people{count === undefined ? "" : `, ${count} here`}
          {isNew && ", new messages in other rooms"}
        </span>
        {isNew && <span className="new-dot" />}
      </button>
      <dialog
        ref={dialog}
        className="drawer-box"
        aria-label="Rooms and people"
        onClick={(event) => {
          // On the backdrop, or on a link to another room.
          if (event.target === dialog.current || (event.target instanceof Element && event.target.closest("a"))) {
            dialog.current?.close();
          }
        }}
      >
        <div className="drawer-body">
          <div className="drawer-head">
            <h2>Rooms and people</h2>
            <button
              type="button"
              className="button quiet icon"
              aria-label="Close"
              onClick={() => dialog.current?.close()}
            >
              <CloseIcon />
            </button>
          </div>
          {children}
        </div>
      </dialog>
    </div>
  );
}

export function Typing({ members, away }: { readonly members: readonly ChatMember[]; readonly away: boolean }) {
  const names = away ? [] : members.filter(({ typing }) => typing).map(({ name }) => name);
  return (
    <p className="typing" role="status">
      {names.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {typingWords(names).map((word, at) =>
            // oxlint-disable-next-line react/no-array-index-key -- names may be the same, and words stand in their places
            at % 2 === 0 ? <bdi key={at}>{word}</bdi> : word,
          )}
        </>
      )}
    </p>
  );
}

/** Before a room's name: anybody's, or of those who have the link. */
export function RoomSign({ id }: { readonly id: string }) {
  return isPrivate(id) ? (
    <LockIcon size={16} />
  ) : (
    <span className="hash" aria-hidden="true">
      #
    </span>
  );
}

export function Empty({ id }: { readonly id: string }) {
  return (
    <div className="chat-empty">
      <h2>Nothing has been said here yet</h2>
      <p>
        {isPrivate(id)
          ? "Only those who have the link find this room. Copy it above, and send it to whom you want to talk with."
          : `Everybody who opens the room ${id} can read and write here. Say something to begin.`}
      </p>
    </div>
  );
}

const WIDTHS = ["62%", "38%", "71%", "45%", "56%"];

export function Loading() {
  return (
    <div className="chat-skeleton" role="status" aria-label="Loading the messages">
      {WIDTHS.map((width) => (
        <div key={width} aria-hidden="true">
          <span className="skeleton-avatar" />
          <span className="skeleton-line" style={{ inlineSize: width }} />
        </div>
      ))}
    </div>
  );
}
