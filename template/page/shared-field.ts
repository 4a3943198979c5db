import { RoomcastError } from "roomcast";

interface Options {
  /** The saved text as it is now; undefined when there is none. */
  readonly read: () => string | undefined;
  /** Saves `after`, provided that the saved text is still `before`; otherwise rejects with the code `conflict`. */
  readonly write: (before: string | undefined, after: string) => Promise<void>;
  /** Called with the text that somebody else saved in the meantime, and with undefined once there is no conflict. */
  readonly onConflict: (theirs: string | undefined) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * An input whose text several people may edit. What a person types stays in their input until it is saved, and is saved
 * only over the text that they started from. If somebody else saved another text first, `onConflict` shows it, and the
 * person chooses between the two.
 */
export class SharedField {
  readonly #input: HTMLInputElement;
  readonly #options: Options;
  /** The saved text that the person started from. */
  #base: string | undefined;
  #saving = false;

  constructor(input: HTMLInputElement, options: Options) {
    this.#input = input;
    this.#options = options;
  }

  /** Whether the input has a text that is not saved. */
  get edited(): boolean {
    return this.#input.value !== (this.#base ?? "");
  }

  /** Call this whenever the saved text may have changed. */
  update(): void {
    if (this.#saving) return;
    const saved = this.#options.read();
    if (!this.edited || this.#input.value === saved) {
      this.#base = saved;
      this.#show(saved ?? "");
    }
    this.#options.onConflict(saved === this.#base ? undefined : (saved ?? ""));
  }

  /** Saves what was typed, unless there is a conflict to be settled first. */
  save(): void {
    if (!this.#saving && this.edited && this.#options.read() === this.#base) void this.#save();
  }

  keepMine(): void {
    this.#base = this.#options.read();
    this.save();
    this.update();
  }

  useTheirs(): void {
    this.#base = this.#options.read();
    this.#show(this.#base ?? "");
    this.update();
  }

  async #save(): Promise<void> {
    const before = this.#base;
    const after = this.#input.value;
    this.#saving = true;
    // Whatever is typed from here on is an edit of the new text.
    this.#base = after;
    let again = false;
    try {
      await this.#options.write(before, after);
    } catch (error) {
      this.#base = before;
      const conflict = error instanceof RoomcastError && error.code === "conflict";
      if (!conflict) this.#options.onError(error);
      // Another part of the page changed, not this text.
      again = conflict && this.#options.read() === before;
    }
    this.#saving = false;
    this.update();
    if (again) this.save();
  }

  /** Replaces the text and keeps the caret where it is. */
  #show(text: string): void {
    const { value, selectionStart, selectionEnd } = this.#input;
    if (value === text) return;
    this.#input.value = text;
    // On an input without the focus, Safari would focus it.
    if (this.#input.matches(":focus")) this.#input.setSelectionRange(selectionStart, selectionEnd);
  }
}
