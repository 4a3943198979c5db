import type { ChatMember } from "roomcast";
import { type FormEvent, useId, useState } from "react";
import { colorToHue } from "../lib/hues.ts";
import { initials, toDocumentId } from "../lib/names.ts";
import type { Me } from "../lib/people.ts";
import { follow, navigate, pathTo } from "../route.ts";
import { CloseIcon, PlusIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import { RoomSign } from "./parts.tsx";
import { forgetRoom, makePrivateRoom, roomTitle } from "./rooms.ts";
import { useRecentRooms, useUnread } from "./unread.tsx";

interface Props {
  readonly id: string;
  readonly me: Me;
  readonly members: readonly ChatMember[];
  /** Who is there is not known: the connection is lost. */
  readonly away: boolean;
}

/** The rooms that this browser knows, and who is in this one. */
export function SidePanel({ id, ...people }: Props) {
  return (
    <>
      <Rooms id={id} />
      <People {...people} />
    </>
  );
}

function Rooms({ id }: { readonly id: string }) {
  const rooms = useRecentRooms();
  const unread = useUnread();
  const title = useId();
  // One that was just opened is remembered a moment later.
  const shown = rooms.some((room) => room.id === id) ? rooms : [{ id, at: 0, read: 0 }, ...rooms];
  return (
    <section className="side-section" aria-labelledby={title}>
      <h2 id={title}>Rooms</h2>
      <ul className="side-list">
        {shown.map((room) => (
          <li key={room.id}>
            <a href={pathTo("chat", room.id)} onClick={follow} aria-current={room.id === id ? "page" : undefined}>
              <RoomSign id={room.id} />
              <span className="side-name" dir="auto">
                {roomTitle(room.id)}
              </span>
              {room.id !== id && <Unread count={unread.get(room.id) ?? 0} />}
            </a>
            {room.id !== id && (
              <button
                type="button"
                className="row-action"
                aria-label={`Take ${roomTitle(room.id)} off this list`}
                onClick={() => forgetRoom(room.id)}
              >
                <CloseIcon size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
      <NewRoom />
    </section>
  );
}

/** A room sends its last hundred messages; how many more are unread nobody counts. */
const MOST_COUNTED = 99;

function Unread({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <span className="count unread">
      {count > MOST_COUNTED ? `${MOST_COUNTED}+` : count}
      <span className="visually-hidden"> unread</span>
    </span>
  );
}

function NewRoom() {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const toast = useToast();
  const id = useId();
  const wanted = toDocumentId(name)?.slice(0, 32);

  const open = (event: FormEvent) => {
    event.preventDefault();
    if (wanted === undefined) return;
    setName("");
    navigate(pathTo("chat", wanted));
  };

  const make = async () => {
    setBusy(true);
    try {
      navigate(pathTo("chat", await makePrivateRoom()));
    } catch {
      toast({
        tone: "bad",
        text: "No private room could be made.",
        detail: "The server cannot be reached. Try again.",
      });
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <form className="side-form" onSubmit={open}>
        <label className="visually-hidden" htmlFor={id}>
          Open a room by its name
        </label>
        <input
          id={id}
          className="input"
          placeholder="Open a room"
          value={name}
          maxLength={32}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button" disabled={wanted === undefined}>
          Open
        </button>
      </form>
      <button type="button" className="button quiet side-new" disabled={busy} onClick={() => void make()}>
        <PlusIcon size={16} />
        New private room
      </button>
    </>
  );
}

/** More are a number: nobody reads a list of a thousand. */
const SHOWN = 100;

export function People({ me, members, away }: Omit<Props, "id">) {
  const title = useId();
  const count = members.length + 1;
  return (
    <section className={away ? "side-section away" : "side-section"} aria-labelledby={title}>
      <h2 id={title}>
        Here <span className="count">{away ? "?" : count}</span>
      </h2>
      <ul className="side-list roster">
        <li data-hue={me.hue}>
          <span className="avatar small" aria-hidden="true">
            {initials(me.name)}
          </span>
          <span className="side-name" dir="auto">
            {me.name}
          </span>
          <span className="side-note">you</span>
        </li>
        {members.slice(0, SHOWN).map((member) => (
          <li key={member.person} data-hue={colorToHue(member.color, member.name)}>
            <span className="avatar small" aria-hidden="true">
              {initials(member.name)}
            </span>
            <span className="side-name" dir="auto">
              {member.name}
            </span>
            {member.typing && (
              <span className="side-note">
                typing<span className="visually-hidden"> now</span>
              </span>
            )}
          </li>
        ))}
        {members.length > SHOWN && <li className="side-note">and {members.length - SHOWN} more</li>}
      </ul>
    </section>
  );
}
