import { type ChangeEvent, useEffect, useId, useRef } from "react";
import { TheirText } from "../form/their-text.tsx";
import { useDraft } from "../form/use-draft.ts";

/** A pause in typing, in milliseconds. */
const PAUSE = 500;

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly most: number;
  readonly placeholder: string;
  readonly long?: boolean;
  readonly readOnly: boolean;
  readonly save: (text: string) => Promise<boolean>;
  /** How the map will say what is typed; by default without the space around it. */
  readonly canonical?: (text: string) => string;
  /** Asked once, when the field appears: whether it gets the focus. */
  readonly takeFocus?: () => boolean;
}

/** Shows what others write, except while this person writes. */
export function TextField({ label, value, most, placeholder, long = false, readOnly, save, ...more }: TextProps) {
  const { canonical = (text) => text.trim(), takeFocus } = more;
  const id = useId();
  const first = useRef(takeFocus);
  useEffect(() => {
    if (first.current?.()) document.getElementById(id)?.focus();
  }, [id]);
  const draft = useDraft({ value, canonical, send: save, pause: PAUSE });
  const { contested } = draft.draft;
  const field = {
    id,
    className: "input",
    value: draft.draft.text,
    maxLength: most,
    placeholder,
    readOnly,
    "aria-describedby": contested ? `${id}-theirs` : undefined,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => draft.type(event.target.value),
    onFocus: draft.focus,
    onBlur: draft.blur,
  };
  return (
    <div className="text-field">
      <label htmlFor={id}>{label}</label>
      {long ? <textarea {...field} rows={2} /> : <input {...field} autoComplete="off" />}
      {contested && (
        <p className="note" id={`${id}-theirs`} role="status">
          <TheirText field={draft} />
        </p>
      )}
    </div>
  );
}
