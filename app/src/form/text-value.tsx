import { type KeyboardEvent, useId } from "react";
import { TheirText } from "./their-text.tsx";
import { useDraft } from "./use-draft.ts";

interface Props {
  readonly value: string | number;
  /** What the field is called, for those who cannot see what stands beside it. */
  readonly name: string;
  readonly readOnly: boolean;
  readonly send: (value: string | number) => Promise<boolean>;
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The number that a text says in JSON's terms; undefined when it says none, or one too large to hold. */
export function readNumber(text: string): number | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (!NUMBER.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : undefined;
}

/** A string or a number, edited in place. */
export function TextValue({ value, name, readOnly, send }: Props) {
  const numeric = typeof value === "number";
  const read = (text: string): string | number | undefined => (numeric ? readNumber(text) : text);
  const field = useDraft({
    value: String(value),
    canonical: (text) => {
      const next = read(text);
      return next === undefined ? undefined : String(next);
    },
    send: (text) => {
      const next = read(text);
      return next === undefined ? Promise.resolve(true) : send(next);
    },
  });
  const { draft } = field;
  const noteId = useId();
  const invalid = numeric && readNumber(draft.text) === undefined;
  const noted = invalid || draft.contested;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    if (draft.typed) event.stopPropagation();
    field.revert();
  };

  return (
    <div className={numeric ? "value number" : "value string"}>
      <textarea
        // Two names for one animation: it begins again at each change.
        className={draft.arrivals > 0 && !draft.typed ? `arrived-${draft.arrivals % 2}` : undefined}
        rows={1}
        value={draft.text}
        readOnly={readOnly}
        aria-label={name}
        aria-invalid={invalid}
        aria-describedby={noted ? noteId : undefined}
        inputMode={numeric ? "decimal" : "text"}
        placeholder={numeric ? "" : "empty"}
        spellCheck={!numeric}
        autoCapitalize="off"
        data-nav="value"
        onChange={(event) => field.type(event.target.value)}
        onFocus={field.focus}
        onBlur={field.blur}
        onKeyDown={onKeyDown}
      />
      {noted && (
        <p className="note" id={noteId} role="status">
          {invalid ? "Not a number yet, so not sent." : <TheirText field={field} />}
        </p>
      )}
    </div>
  );
}
