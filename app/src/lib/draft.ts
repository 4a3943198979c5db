/**
 * A text field that several people may edit at once, as one of them sees it. Pure: the component feeds it events.
 * The one rule: what a person is typing is never replaced under their hands.
 */
export interface Draft {
  /** What the field shows. */
  readonly text: string;
  /** What the document holds as far as this field knows: what it sent itself counts at once. */
  readonly base: string;
  /** The document's value that it was last told of. */
  readonly seen: string;
  readonly focused: boolean;
  /** Typed in just now: until the hands rest, a change from elsewhere is offered, not taken. */
  readonly typed: boolean;
  /** Typed in since it was last sent. */
  readonly unsent: boolean;
  /** Somebody else changed the field meanwhile: `base` is theirs, `text` is ours. */
  readonly contested: boolean;
  /** The text when the field was entered, for Escape. */
  readonly entered: string;
  /** Counts changes by somebody else, so that each can be shown. */
  readonly arrivals: number;
}

export type DraftEvent =
  | { readonly type: "focus" }
  | { readonly type: "type"; readonly text: string }
  /** A text of ours went out: as the document will say it, and as it was typed. */
  | { readonly type: "sent"; readonly text: string; readonly typed?: string }
  /** The document's value has changed, by our own hand or somebody else's. */
  | { readonly type: "value"; readonly text: string }
  /** Nothing was typed for a while. */
  | { readonly type: "rest" }
  | { readonly type: "blur" }
  /** Escape: back to what it was when entered. */
  | { readonly type: "revert" }
  /** Take what somebody else wrote. */
  | { readonly type: "yield" };

export function startDraft(text: string): Draft {
  return { ...still(text), seen: text, focused: false, arrivals: 0 };
}

export function stepDraft(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case "focus":
      return { ...draft, ...still(draft.base), focused: true };
    case "type":
      return { ...draft, text: event.text, typed: true, unsent: event.text !== draft.base };
    case "sent":
      return { ...draft, base: event.text, unsent: draft.text !== (event.typed ?? event.text), contested: false };
    case "value":
      return arrived({ ...draft, seen: event.text });
    case "rest":
      return draft.unsent || draft.contested ? draft : { ...draft, typed: false };
    case "blur":
      return { ...draft, ...still(draft.base), focused: false };
    case "revert":
      return { ...draft, text: draft.entered, typed: false, contested: false, unsent: draft.entered !== draft.base };
    case "yield":
      return { ...draft, ...still(draft.seen) };
  }
}

function arrived(draft: Draft): Draft {
  const { seen, text } = draft;
  if (seen === draft.base) return draft;
  if (seen === text) return { ...draft, base: seen, unsent: false, contested: false };
  const arrivals = draft.arrivals + 1;
  return draft.focused && draft.typed
    ? { ...draft, base: seen, contested: true, arrivals }
    : { ...draft, ...still(seen), arrivals };
}

/** A field in step with the document. */
function still(text: string): Omit<Draft, "seen" | "focused" | "arrivals"> {
  return { text, base: text, typed: false, unsent: false, contested: false, entered: text };
}
