import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { isComposing } from "../lib/composing.ts";
import { initials } from "../lib/names.ts";
import { HUES, type Me } from "../lib/people.ts";

interface Props {
  readonly me: Me;
  /** The colour that is shown, where somebody else here has the chosen one. */
  readonly hue?: number;
  readonly rename: (me: Me) => void;
  /** Where others see it. */
  readonly hint: string;
  /** UTF-16 units. */
  readonly longest?: number;
}

/** This person's own mark, which opens their name and colour. */
export function MyName({ me, hue = me.hue, rename, hint, longest = 40 }: Props) {
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
    if (trimmed !== "") rename({ ...me, name: trimmed });
    close();
  };

  return (
    <div
      className="my-name"
      ref={box}
      onKeyDown={(event) => event.key === "Escape" && !isComposing(event) && open && close()}
    >
      <button
        type="button"
        ref={button}
        className="avatar mine"
        data-hue={hue}
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
            maxLength={longest}
            autoComplete="nickname"
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked for this field
            autoFocus
            onChange={(event) => setName(event.target.value)}
          />
          <fieldset className="hues">
            <legend>Your colour</legend>
            {Array.from({ length: HUES }, (_, each) => (
              <label key={each} data-hue={each}>
                <input
                  type="radio"
                  name={`${id}-hue`}
                  aria-label={`Colour ${each + 1}`}
                  checked={each === me.hue}
                  onChange={() => rename({ ...me, hue: each })}
                />
                <span aria-hidden="true" />
              </label>
            ))}
          </fieldset>
          <p className="hint">{hint}</p>
          <button type="submit" className="button primary">
            Done
          </button>
        </form>
      )}
    </div>
  );
}
