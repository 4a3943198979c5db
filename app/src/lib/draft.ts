import { mergeText, overlaps } from "./merge-text.ts";

/**
 * A text field that several people may edit at once, as one of them sees it. Pure: the component feeds it events.
 * What a person is typing is never replaced under their hands, and nothing that they typed is dropped unless they say so:
 * others' changes elsewhere in the text are merged into it, and where both changed the same words the person chooses.
 */
export interface Draft {
  /** What the field shows. */
  readonly text: string;
  /** The document's text that `text` is an edit of. */
  readonly base: string;
  /** The document's text as last heard. Another than `base` while `sent` is under way, and while the two are contested. */
  readonly seen: string;
  /** A text of ours on its way into the document. */
  readonly sent: string | undefined;
  readonly focused: boolean;
  /** Typed in just now: until the hands rest, nothing that was typed is replaced. */
  readonly typed: boolean;
  /** Has something that was not sent. */
  readonly unsent: boolean;
  /** Somebody else changed the same words: `seen` is theirs, `text` is ours. Nothing is sent until one is chosen. */
  readonly contested: boolean;
  /** The text when the field was entered, for Escape; with what others changed since. */
  readonly entered: string;
  /** Counts changes by somebody else, so that each can be shown. */
  readonly arrivals: number;
  /** Whether two changes of it can be merged: of words, not of numbers. */
  readonly mergeable: boolean;
}

export type DraftEvent =
  | { readonly type: "focus" }
  | { readonly type: "type"; readonly text: string }
  /** A text of ours went out: as the document will say it, and as it was typed. */
  | { readonly type: "sent"; readonly text: string; readonly typed?: string }
  /** `text`, which went out, is in the document; or it is not, since somebody else had changed the same words to `theirs`. */
  | { readonly type: "settled"; readonly text: string; readonly theirs?: string }
  /** The document's value has changed, by our own hand or somebody else's. */
  | { readonly type: "value"; readonly text: string }
  /** Nothing was typed for a while. */
  | { readonly type: "rest" }
  | { readonly type: "blur" }
  /** Escape: back to what it was when entered. */
  | { readonly type: "revert" }
  /** Take what somebody else wrote. */
  | { readonly type: "yield" }
  /** Put ours over what somebody else wrote. */
  | { readonly type: "insist" };

export function startDraft({ text, mergeable }: { readonly text: string; readonly mergeable: boolean }): Draft {
  return { ...still(text), focused: false, arrivals: 0, mergeable };
}

export function stepDraft(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case "focus":
      return draft.contested || draft.sent !== undefined
        ? { ...draft, focused: true, entered: draft.text }
        : { ...draft, ...still(draft.seen), focused: true };
    case "type":
      return typed({ ...draft, text: event.text, typed: true });
    case "sent":
      return { ...draft, sent: event.text, unsent: draft.text !== (event.typed ?? event.text) };
    case "settled":
      return settled(draft, event.text, event.theirs);
    case "value":
      return draft.sent === undefined ? agreed({ ...draft, seen: event.text }) : { ...draft, seen: event.text };
    case "rest":
      return draft.unsent || draft.contested ? draft : { ...draft, typed: false };
    case "blur":
      if (draft.contested && draft.unsent) return { ...draft, focused: false };
      if (draft.sent !== undefined) return { ...draft, focused: false, typed: false };
      return { ...draft, ...still(draft.seen), focused: false };
    case "revert":
      return draft.contested
        ? { ...draft, ...still(draft.seen) }
        : typed({ ...draft, text: draft.entered, typed: false });
    case "yield":
      return { ...draft, ...still(draft.seen) };
    case "insist":
      return { ...draft, base: draft.seen, contested: false, unsent: draft.text !== draft.seen };
  }
}

function typed(draft: Draft): Draft {
  const { text, contested, seen } = draft;
  if (contested && text === seen) return { ...draft, base: seen, contested: false, unsent: false };
  return { ...draft, unsent: contested || text !== (draft.sent ?? draft.base) };
}

function settled(draft: Draft, sent: string, theirs: string | undefined): Draft {
  if (draft.sent === undefined) return draft;
  // A later one is under way, which fares no better than this one did.
  if (draft.sent !== sent) return theirs === undefined ? { ...draft, base: sent } : draft;
  return theirs === undefined
    ? agreed({ ...draft, base: sent, sent: undefined })
    : agreed({ ...draft, sent: undefined, unsent: true, seen: theirs });
}

/** Brings ours and the document's together. */
function agreed(draft: Draft): Draft {
  const { seen, base, text, entered, mergeable } = draft;
  if (seen === text) return { ...draft, base: seen, unsent: false, contested: false };
  if (seen === base) return draft.contested ? { ...draft, contested: false, unsent: true } : draft;
  const arrivals = draft.arrivals + 1;
  if (!draft.typed && !draft.unsent && !draft.contested) return { ...draft, ...still(seen), arrivals };
  const merged =
    !mergeable || (text === base && overlaps(entered, text, seen)) ? undefined : mergeText(base, text, seen);
  return merged === undefined
    ? { ...draft, contested: true, arrivals }
    : {
        ...draft,
        text: merged,
        base: seen,
        entered: mergeText(base, entered, seen) ?? seen,
        unsent: merged !== seen,
        contested: false,
        arrivals,
      };
}

/** A field in step with the document. */
function still(text: string): Omit<Draft, "focused" | "arrivals" | "mergeable"> {
  return {
    text,
    base: text,
    seen: text,
    sent: undefined,
    typed: false,
    unsent: false,
    contested: false,
    entered: text,
  };
}
