import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "react";
import { type Draft, startDraft, stepDraft } from "../lib/draft.ts";

/** Keystrokes within this many milliseconds go out together, unless told otherwise. */
const COALESCE = 150;
/** So long after the last keystroke, in milliseconds, nobody is typing any more. */
const RESTING = 3000;

interface Options {
  /** The document's value, as text. */
  readonly value: string;
  /** How the document will say what is typed, such as `1` for `1.0`; undefined for what cannot be sent. */
  readonly canonical: (text: string) => string | undefined;
  /** Sends such a text; false when the room refused it. */
  readonly send: (text: string) => Promise<boolean>;
  /** Keystrokes within this many milliseconds go out together. */
  readonly pause?: number;
}

export interface DraftField {
  readonly draft: Draft;
  readonly focus: () => void;
  readonly type: (text: string) => void;
  readonly blur: () => void;
  readonly revert: () => void;
  /** Takes what somebody else wrote. */
  readonly yieldToTheirs: () => void;
  /** Sends ours over what somebody else wrote. */
  readonly insist: () => void;
}

/** A text field of the document: shows it, sends what is typed, and never takes the text from under the typing hands. */
export function useDraft(options: Options): DraftField {
  const { value } = options;
  const [draft, dispatch] = useReducer(stepDraft, value, startDraft);
  if (draft.seen !== value) dispatch({ type: "value", text: value });

  const latest = useRef({ draft, options });
  useLayoutEffect(() => {
    latest.current = { draft, options };
  });

  /** What waits to be sent. */
  const waiting = useRef<{ readonly text: string; readonly timer: ReturnType<typeof setTimeout> }>(undefined);

  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);

  const cancel = useCallback(() => {
    clearTimeout(waiting.current?.timer);
    waiting.current = undefined;
  }, []);

  const flush = useCallback(
    (typed: string) => {
      cancel();
      const { draft: before, options: now } = latest.current;
      const { send, canonical } = now;
      const text = canonical(typed);
      if (text === undefined) return;
      dispatch({ type: "sent", text, typed });
      if (text === before.base) return;
      const settle = async () => {
        if (!(await send(text))) dispatch({ type: "yield" });
      };
      void settle();
    },
    [cancel],
  );

  useEffect(
    () => () => {
      // What was typed just before the field went away (another view, another page) still counts.
      if (waiting.current !== undefined) flush(waiting.current.text);
      clearTimeout(resting.current);
    },
    [flush],
  );

  return {
    draft,
    focus: useCallback(() => dispatch({ type: "focus" }), []),
    type: useCallback(
      (text: string) => {
        dispatch({ type: "type", text });
        cancel();
        clearTimeout(resting.current);
        resting.current = setTimeout(() => dispatch({ type: "rest" }), RESTING);
        waiting.current = { text, timer: setTimeout(() => flush(text), latest.current.options.pause ?? COALESCE) };
      },
      [cancel, flush],
    ),
    blur: useCallback(() => {
      if (waiting.current !== undefined) flush(waiting.current.text);
      dispatch({ type: "blur" });
    }, [flush]),
    revert: useCallback(() => {
      const { entered, base } = latest.current.draft;
      cancel();
      dispatch({ type: "revert" });
      if (entered !== base) flush(entered);
    }, [cancel, flush]),
    yieldToTheirs: useCallback(() => {
      cancel();
      dispatch({ type: "yield" });
    }, [cancel]),
    insist: useCallback(() => flush(latest.current.draft.text), [flush]),
  };
}
