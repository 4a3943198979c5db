import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { initials } from "../lib/names.ts";
import { HUES, type Person } from "../lib/people.ts";
import { label } from "../lib/pointer.ts";
import type { DocumentSession } from "./session.ts";
import { useMe, usePeople } from "./use-session.ts";

/** As many are shown one by one; the rest is a number. */
const SHOWN = 4;

/** Who has the document open. Each of them is a button that goes to where they are. */
export function People({ session }: { readonly session: DocumentSession }) {
  const people = usePeople(session);
  const shown = people.slice(0, SHOWN);
  return (
    <div className="people">
      <ul aria-label="Others here">
        {shown.map((person) => (
          <li key={person.conn}>
            <Avatar person={person} session={session} />
          </li>
        ))}
        {people.length > SHOWN && (
          <li
            className="avatar more"
            title={people
              .slice(SHOWN)
              .map(({ name }) => name)
              .join(", ")}
          >
            +{people.length - SHOWN}
            <span className="visually-hidden">more</span>
          </li>
        )}
      </ul>
      <MyName session={session} />
      <p className="visually-hidden" role="status">
        {people.length === 0 ? "Nobody else is here." : `${people.map(({ name }) => name).join(", ")} also here.`}
      </p>
    </div>
  );
}

function Avatar({ person, session }: { readonly person: Person; readonly session: DocumentSession }) {
  const { path } = person;
  const where = path === undefined ? "looking around" : `at ${label(path, session.handle.value)}`;
  return (
    <button
      type="button"
      className="avatar"
      data-hue={person.hue}
      title={`${person.name}, ${where}`}
      onClick={() => path !== undefined && session.reveal(path)}
    >
      <span aria-hidden="true">{initials(person.name)}</span>
      <span className="visually-hidden">
        {path === undefined ? `${person.name}, ${where}` : `Go to ${person.name}, ${where}`}
      </span>
    </button>
  );
}

/** This person's own mark, which opens their name and colour. */
function MyName({ session }: { readonly session: DocumentSession }) {
  const me = useMe(session);
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(me.name);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const trimmed = name.trim();
    if (trimmed !== "") session.rename({ ...me, name: trimmed });
    close();
  };

  return (
    <div className="my-name" ref={box} onKeyDown={(event) => event.key === "Escape" && open && close()}>
      <button
        type="button"
        ref={button}
        className="avatar mine"
        data-hue={me.hue}
        title={`You: ${me.name}`}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setName(me.name);
          setOpen(!open);
        }}
      >
        <span aria-hidden="true">{initials(me.name)}</span>
        <span className="visually-hidden">You are {me.name}. Change your name or colour</span>
      </button>
      {open && (
        <form id={id} className="popover" onSubmit={submit}>
          <label htmlFor={`${id}-name`}>Your name here</label>
          <input
            id={`${id}-name`}
            className="input"
            value={name}
            maxLength={40}
            autoComplete="nickname"
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked for this field
            autoFocus
            onChange={(event) => setName(event.target.value)}
          />
          <fieldset className="hues">
            <legend>Your colour</legend>
            {Array.from({ length: HUES }, (_, hue) => (
              <label key={hue} data-hue={hue}>
                <input
                  type="radio"
                  name={`${id}-hue`}
                  aria-label={`Colour ${hue + 1}`}
                  checked={hue === me.hue}
                  onChange={() => session.rename({ ...me, hue })}
                />
                <span aria-hidden="true" />
              </label>
            ))}
          </fieldset>
          <p className="hint">Others see it beside what you edit. It stays in this browser.</p>
          <button type="submit" className="button primary">
            Done
          </button>
        </form>
      )}
    </div>
  );
}
