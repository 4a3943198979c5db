import type { ChatMessage } from "roomcast";
import { Store } from "./store.ts";

/** What the composer is about, besides a new message. */
export type Draft =
  | { readonly type: "reply"; readonly message: ChatMessage }
  | { readonly type: "edit"; readonly message: ChatMessage };

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

  /** Answers or edits a message, and puts the focus there. */
  begin(draft: Draft): void {
    const edited = this.#state.draft?.type === "edit";
    const text = draft.type === "edit" ? draft.message.text : edited ? "" : this.#state.text;
    this.#set({ text, draft });
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

  /** Puts back what was taken and came to nothing, unless something else is being written by now. */
  restore(state: Composition): void {
    if (this.#state.text === "" && this.#state.draft === undefined) this.#set(state);
  }

  #set(state: Composition): void {
    this.#state = state;
    this.emit();
  }
}
