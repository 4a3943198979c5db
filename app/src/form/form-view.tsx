import { type FocusEvent, type KeyboardEvent, useRef } from "react";
import { useSession } from "../document/use-session.ts";
import { type Json, isArray, isContainer } from "../lib/json.ts";
import { AddButton, useAdder } from "./add-field.tsx";
import { Field, Fields } from "./field.tsx";
import { moveFocus } from "./keys.ts";

interface Props {
  readonly value: Json;
  readonly readOnly: boolean;
  /** Somebody has just asked for the first field. */
  readonly begin: boolean;
}

/** The document as a tree of fields. */
export function FormView({ value, readOnly, begin }: Props) {
  const session = useSession();
  const form = useRef<HTMLDivElement>(null);
  const adder = useAdder("", value, begin);

  const onFocus = (event: FocusEvent) => {
    const row =
      event.target.closest<HTMLElement>("[data-path]") ?? event.target.parentElement?.querySelector("[data-path]");
    session.goTo(row instanceof HTMLElement ? row.dataset["path"] : undefined);
  };
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget === null && document.hasFocus()) session.goTo(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (form.current !== null && moveFocus(form.current, event.nativeEvent)) event.preventDefault();
  };

  return (
    <div className="form" ref={form} onFocus={onFocus} onBlur={onBlur} onKeyDown={onKeyDown}>
      {isContainer(value) ? (
        <Fields path="" value={value} name="Fields of the document" depth={0} readOnly={readOnly} adder={adder} />
      ) : (
        <ul className="fields" aria-label="The document">
          <Field path="" value={value} keyName="value" depth={0} readOnly={readOnly} />
        </ul>
      )}
      {isContainer(value) && !readOnly && !adder.asking && <AddButton adder={adder} list={isArray(value)} />}
      <p className="hint keys">
        <kbd>↑</kbd> <kbd>↓</kbd> move between fields, <kbd>Enter</kbd> goes on to the next, <kbd>Esc</kbd> takes back
        what you typed.
      </p>
    </div>
  );
}
