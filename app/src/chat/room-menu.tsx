import type { ChatHandle, ChatState, Sanction } from "roomcast";
import { useId, useRef, useState } from "react";
import { useNow } from "../room/use-live.ts";
import { ShieldIcon } from "../ui/icons.tsx";
import { Popover } from "../ui/popover.tsx";
import { useTalk } from "./talk.ts";

const SECOND = 1000;

/** What slow mode can be set to. */
const PACES: readonly (readonly [milliseconds: number, words: string])[] = [
  [0, "Off"],
  [5 * SECOND, "A message every 5 s"],
  [30 * SECOND, "A message every 30 s"],
  [60 * SECOND, "A message a minute"],
  [300 * SECOND, "A message every 5 minutes"],
];

/** The room's rules and who is kept from it, for those who may say so. */
export function RoomMenu({ chat, state }: { readonly chat: ChatHandle; readonly state: ChatState }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const { attempt } = useTalk();
  const { slow, locked } = state.rules;
  const paces = PACES.some(([pace]) => pace === slow)
    ? PACES
    : [...PACES, [slow, `A message every ${slow / SECOND} s`] as const];
  return (
    <>
      <button
        type="button"
        ref={button}
        className="button icon-wide"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <ShieldIcon size={16} />
        <span className="wide">Moderate</span>
      </button>
      {open && (
        <Popover id={id} anchor={button} label="Moderate the room" className="moderation" close={() => setOpen(false)}>
          <label htmlFor={`${id}-slow`}>Slow mode</label>
          <select
            id={`${id}-slow`}
            className="input"
            value={slow}
            onChange={(event) => attempt(chat.setRules({ slow: Number(event.target.value) }), "The rule")}
          >
            {paces.map(([pace, words]) => (
              <option key={pace} value={pace}>
                {words}
              </option>
            ))}
          </select>
          <label className="check">
            <input
              type="checkbox"
              checked={locked}
              onChange={(event) => attempt(chat.setRules({ locked: event.target.checked }), "The rule")}
            />
            Locked: only moderators may write
          </label>
          <Kept title="Muted" none="Nobody is muted." list={state.muted} lift={(person) => chat.unmute(person)} />
          <Kept title="Banned" none="Nobody is banned." list={state.banned} lift={(person) => chat.unban(person)} />
        </Popover>
      )}
    </>
  );
}

interface KeptProps {
  readonly title: string;
  readonly none: string;
  readonly list: readonly Sanction[];
  readonly lift: (person: string) => Promise<void>;
}

function Kept({ title, none, list, lift }: KeptProps) {
  const { attempt } = useTalk();
  const now = useNow(10_000);
  const held = list.filter(({ until }) => until === undefined || until > now);
  return (
    <section>
      <h3>{title}</h3>
      {held.length === 0 && <p className="hint">{none}</p>}
      <ul>
        {held.map(({ person, name = "somebody", until }) => (
          <li key={person}>
            <span dir="auto">{name}</span>
            <span className="side-note">
              {until === undefined ? "" : `until ${new Date(until).toLocaleTimeString()}`}
            </span>
            <button
              type="button"
              className="button quiet"
              aria-label={`${title}: ${name}. Lift it`}
              onClick={() => attempt(lift(person), "That")}
            >
              Lift
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
