import { type KeyboardEvent, useId, useLayoutEffect, useRef } from "react";
import { isComposing } from "../lib/composing.ts";
import { movedOffset } from "../lib/merge-text.ts";
import { TheirText } from "./their-text.tsx";
import { type Contested, useDraft } from "./use-draft.ts";

interface Props {
  readonly value: string | number;
  /** What the field is called, for those who cannot see what stands beside it. */
  readonly name: string;
  readonly readOnly: boolean;
  /** Sends a value, an edit of `base`. */
  readonly send: (value: string | number, base: string | number) => Promise<boolean | Contested>;
  /** The field is gone, and this is not in the document. */
  readonly lost: (value: string | number) => void;
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
export function TextValue({ value, name, readOnly, send, lost }: Props) {
  const numeric = typeof value === "number";
  const read = (text: string): string | number | undefined => (numeric ? readNumber(text) : text);
  const field = useDraft({
    value: String(value),
    mergeable: !numeric,
    canonical: (text) => {
      const next = read(text);
      return next === undefined ? undefined : String(next);
    },
    send: (text, base) => {
      const [next, before] = [read(text), read(base)];
      return next === undefined || before === undefined ? Promise.resolve(true) : send(next, before);
    },
    lost: (text) => lost(read(text) ?? text),
  });
  const { draft } = field;
  const [area, noteSelection] = useCaret(draft.text);
  const noteId = useId();
  const invalid = numeric && readNumber(draft.text) === undefined;
  const noted = invalid || draft.contested;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || isComposing(event)) return;
    if (draft.typed) event.stopPropagation();
    field.revert();
  };

  return (
    <div className={numeric ? "value number" : "value string"}>
      <textarea
        ref={area}
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
        onChange={(event) => {
          noteSelection();
          field.type(event.target.value);
        }}
        onSelect={noteSelection}
        onCompositionStart={() => field.compose(true)}
        onCompositionEnd={() => field.compose(false)}
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

/** Keeps the caret and the selection where they are in the text when somebody else's words come into it. */
function useCaret(text: string) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const last = useRef({ text, start: 0, end: 0 });
  const note = () => {
    if (ref.current === null) return;
    const { value, selectionStart, selectionEnd } = ref.current;
    last.current = { text: value, start: selectionStart, end: selectionEnd };
  };
  useLayoutEffect(() => {
    const { text: before, start, end } = last.current;
    if (before === text) return;
    const place = (offset: number) => movedOffset(before, text, offset);
    last.current = { text, start: place(start), end: place(end) };
    if (document.activeElement === ref.current) ref.current?.setSelectionRange(place(start), place(end));
  }, [text]);
  return [ref, note] as const;
}
