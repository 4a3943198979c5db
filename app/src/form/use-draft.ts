import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { type Draft, startDraft, stepDraft } from "../lib/draft.ts";

/** Keystrokes within this many milliseconds go out together, by default. */
const PAUSE_MS = 150;
/** So long after the last keystroke nobody is typing any more, in milliseconds. */
const REST_MS = 3000;

/** The document has another text where ours should go. */
export interface Contested {
  readonly theirs: string;
}

interface Options {
  /** The document's value, as text. */
  readonly value: string;
  /** Whether two people's changes can be merged: of words, not of numbers. */
  readonly mergeable?: boolean;
  /** How the document will say what is typed, such as `1` for `1.0`; undefined for what cannot be sent. */
  readonly canonical: (text: string) => string | undefined;
  /** Sends such a text, an edit of `base`; false when the room refused it. */
  readonly send: (text: string, base: string) => Promise<boolean | Contested>;
  /** The field is gone, and what was typed in it is not in the document. */
  readonly lost?: (text: string) => void;
  /** Keystrokes within this many milliseconds go out together. */
  readonly pause?: number;
}

export interface DraftField {
  readonly draft: Draft;
  readonly focus: () => void;
  readonly type: (text: string) => void;
  readonly blur: () => void;
  readonly revert: () => void;
  /** An input method is at work: nothing comes into its text until it is done. */
  readonly compose: (composing: boolean) => void;
  /** Takes what somebody else wrote. */
  readonly yieldToTheirs: () => void;
  /** Sends ours over what somebody else wrote. */
  readonly insist: () => void;
}

/** A text field of the document: shows it, sends what is typed, and never takes the text from under the typing hands. */
export function useDraft(options: Options): DraftField {
  const { value, mergeable = false, pause = PAUSE_MS } = options;
  const [draft, dispatch] = useReducer(stepDraft, { text: value, mergeable }, startDraft);
  const [composing, setComposing] = useState(false);
  if (draft.seen !== value && !composing) dispatch({ type: "value", text: value });

  const latest = useRef({ draft, options });
  useLayoutEffect(() => {
    latest.current = { draft, options };
  });
  const mounted = useRef(true);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);

  const flush = useCallback((typed: string) => {
    const { draft: before, options: now } = latest.current;
    if (!before.unsent || before.contested) return;
    const base = before.sent ?? before.base;
    const text = now.canonical(typed);
    if (text === undefined) return;
    dispatch({ type: "sent", text, typed });
    const settle = async () => {
      const outcome = text === base || (await now.send(text, base));
      if (mounted.current) {
        if (outcome === false) dispatch({ type: "yield" });
        else dispatch({ type: "settled", text, ...(outcome === true ? {} : outcome) });
      } else if (typeof outcome === "object") now.lost?.(typed);
    };
    void settle();
  }, []);

  const { text, unsent, contested, sent } = draft;
  useEffect(() => {
    if (!unsent || contested || sent !== undefined || composing) return undefined;
    const timer = setTimeout(() => flush(text), pause);
    return () => clearTimeout(timer);
  }, [text, unsent, contested, sent, composing, pause, flush]);

  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
      clearTimeout(resting.current);
      // What was typed just before the field went away (another view, another page) still counts.
      const { draft: last, options: now } = latest.current;
      if (last.contested && last.unsent) now.lost?.(last.text);
      else flush(last.text);
    };
  }, [flush]);

  return {
    draft,
    focus: useCallback(() => dispatch({ type: "focus" }), []),
    type: useCallback((next: string) => {
      dispatch({ type: "type", text: next });
      clearTimeout(resting.current);
      resting.current = setTimeout(() => dispatch({ type: "rest" }), REST_MS);
    }, []),
    blur: useCallback(() => {
      setComposing(false);
      flush(latest.current.draft.text);
      dispatch({ type: "blur" });
    }, [flush]),
    revert: useCallback(() => dispatch({ type: "revert" }), []),
    compose: setComposing,
    yieldToTheirs: useCallback(() => dispatch({ type: "yield" }), []),
    insist: useCallback(() => dispatch({ type: "insist" }), []),
  };
}
