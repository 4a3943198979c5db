import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useSession } from "../document/use-session.ts";
import { isComposing } from "../lib/composing.ts";
import { at, child, parentOf, type Pointer } from "../lib/pointer.ts";
import { renameField } from "./intents.ts";

interface Props {
  readonly path: Pointer;
  readonly name: string;
  /** Places in a list have no name to change. */
  readonly fixed: boolean;
}

/** A field's key, which becomes an input when it is clicked. */
export function KeyName({ path, name, fixed }: Props) {
  const session = useSession();
  const [text, setText] = useState<string>();
  const errorId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const back = useRef(false);

  useEffect(() => {
    if (text !== undefined || !back.current) return;
    back.current = false;
    button.current?.focus();
  }, [text]);

  if (fixed) return <span className="key">{name}</span>;
  if (text === undefined) {
    return (
      <button
        type="button"
        ref={button}
        className="key"
        aria-label={`Rename ${name}`}
        title={`${name}: rename`}
        data-nav="key"
        onClick={() => setText(name)}
      >
        {name}
      </button>
    );
  }

  const next = child(parentOf(path), text);
  const taken = text !== name && at(session.handle.value, next) !== undefined;
  const finish = (focus: boolean) => {
    back.current = focus;
    setText(undefined);
    if (text !== name && !taken) {
      if (focus) back.current = false;
      void session.commit((root) => (at(root, path) === undefined ? [] : renameField(root, path, next)));
      if (focus) session.reveal(next, true);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !taken) {
      // The focus goes on to the value's button, which the same key would press.
      event.preventDefault();
      finish(true);
    }
    if (event.key !== "Escape") return;
    event.stopPropagation();
    back.current = true;
    setText(undefined);
  };

  return (
    <span className="key-edit">
      <input
        className="input mono"
        value={text}
        aria-label={`New name of ${name}`}
        aria-invalid={taken}
        aria-describedby={taken ? errorId : undefined}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked for this field
        autoFocus
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={() => finish(false)}
        onKeyDown={onKeyDown}
      />
      {taken && (
        <span className="field-error" id={errorId} role="alert">
          That name is taken.
        </span>
      )}
    </span>
  );
}
