import type { ChatMessage } from "roomcast";
import { Store } from "./store.ts";

/** What the composer is about, besides a new message. Not the message's text, which may be erased meanwhile. */
export interface Draft extends Pick<ChatMessage, "n" | "at" | "from" | "name"> {
  readonly type: "reply" | "edit";
}

export interface Composition {
  readonly text: string;
  readonly draft: Draft | undefined;
}

/** What is being written. Apart from the page, so that a key redraws the field and no more. */
export class Compose extends Store {
  #state: Composition = { text: "", draft: undefined };
  #field: HTMLTextAreaElement | null = null;

  readonly state = (): Composition => this.#state;

  /** For `ref`. */
  readonly attach = (field: HTMLTextAreaElement | null): void => {
    this.#field = field;
  };

  readonly focus = (): void => this.#field?.focus();

  write(text: string): void {
    this.#set({ ...this.#state, text });
  }

  /**
   * Puts a text where the caret is, in the place of what is selected, as far as `most` UTF-16 units in all allow. Answers
   * whether all of it was taken. Cut here, before the field has it: browsers take seconds to lay out a text of megabytes.
   */
  insert(text: string, most: number): boolean {
    const field = this.#field;
    if (field === null) return true;
    const { value, selectionStart, selectionEnd } = field;
    const room = Math.max(0, most - value.length + selectionEnd - selectionStart);
    if (text.length > room) {
      this.insert(cut(text, room), most);
      return false;
    }
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    this.write(field.value);
    return true;
  }

  /** Answers or edits a message, and puts the focus there. */
  begin(type: Draft["type"], message: ChatMessage): void {
    const { n, at, from, name } = message;
    const edited = this.#state.draft?.type === "edit";
    const text = type === "edit" ? message.text : edited ? "" : this.#state.text;
    this.#set({ text, draft: { type, n, at, from, name } });
    this.focus();
  }

  /** Begins anew; what was written stays where it was no edit. */
  cancel(): void {
    const { text, draft } = this.#state;
    this.#set({ text: draft?.type === "edit" ? "" : text, draft: undefined });
    this.focus();
  }

  clear(): void {
    this.#set({ text: "", draft: undefined });
  }

  /**
   * Ends a reply or an edit whose message is no more, and answers which. What was written stays, but for an edit of what
   * somebody else had written.
   */
  follow(messages: readonly ChatMessage[], me: string | undefined): Draft["type"] | undefined {
    const { text, draft } = this.#state;
    if (draft === undefined || !isGone(draft, messages)) return undefined;
    this.#set({ text: draft.type === "reply" || draft.from === me ? text : "", draft: undefined });
    return draft.type;
  }

  /** Puts back what was taken and came to nothing, unless something else is being written by now. */
  restore(state: Composition): void {
    if (this.#state.text === "" && this.#state.draft === undefined) this.#set(state);
  }

  #set(state: Composition): void {
    this.#state = state;
    this.emit();
  }
}

/** At most so many UTF-16 units, and no half of a character at the end. */
export function cut(text: string, units: number): string {
  return text.length > units ? text.slice(0, units).replace(/[\ud800-\udbff]$/, "") : text;
}

/** Deleted, or of a history that is no more: another message may have its number now. One that is not held may still be there. */
function isGone({ n, at }: Draft, messages: readonly ChatMessage[]): boolean {
  const message = messages.find((each) => each.n === n);
  if (message !== undefined) return message.deleted !== undefined || message.at !== at;
  return n > (messages.findLast((each) => each.n > 0)?.n ?? 0);
}
