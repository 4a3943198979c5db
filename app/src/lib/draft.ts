/**
 * A text field that several people may edit at once, as one of them sees it. Pure: the component feeds it events.
 * The one rule: what a person is typing is never replaced under their hands.
 */
export interface Draft {
  /** What the field shows. */
  readonly text: string;
  /** What the document holds, by our own hand or somebody else's. */
  readonly base: string;
  readonly focused: boolean;
  /** Typed in since it was entered: from then on a change from elsewhere is offered, not taken. */
  readonly typed: boolean;
  /** Typed in since it was last sent. */
  readonly unsent: boolean;
  /** Somebody else changed the field meanwhile: `base` is theirs, `text` is ours. */
  readonly contested: boolean;
  /** The text when the field was entered, for Escape. */
  readonly entered: string;
}

export type DraftEvent =
  | { readonly type: "focus" }
  | { readonly type: "type"; readonly text: string }
  /** The text went out. */
  | { readonly type: "sent" }
  /** The document's value, ours or somebody else's. */
  | { readonly type: "value"; readonly text: string }
  | { readonly type: "blur" }
  /** Escape: back to what it was when entered. */
  | { readonly type: "revert" }
  /** Take what somebody else wrote. */
  | { readonly type: "yield" };

export function startDraft(text: string): Draft {
  return { text, base: text, focused: false, typed: false, unsent: false, contested: false, entered: text };
}

export function stepDraft(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case "focus":
      return { ...startDraft(draft.base), focused: true };
    case "type":
      return { ...draft, text: event.text, typed: true, unsent: event.text !== draft.base };
    case "sent":
      return { ...draft, base: draft.text, unsent: false, contested: false };
    case "value":
      if (event.text === draft.base) return draft;
      if (!draft.focused || !draft.typed) return { ...startDraft(event.text), focused: draft.focused };
      if (event.text === draft.text) return { ...draft, base: event.text, unsent: false, contested: false };
      return { ...draft, base: event.text, contested: true };
    case "blur":
      return startDraft(draft.base);
    case "revert":
      return { ...draft, text: draft.entered, unsent: draft.entered !== draft.base };
    case "yield":
      return { ...startDraft(draft.base), focused: draft.focused };
  }
}
