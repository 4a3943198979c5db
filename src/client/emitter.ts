import { report } from "./errors.ts";

/** Listeners that are told that something changed. */
export class Emitter {
  #listeners = new Set<{ readonly call: () => void }>();
  #emitting = false;
  #again = false;

  /** The same function may subscribe twice; each call returns the way to stop that one. */
  subscribe(call: () => void): () => void {
    const listener = { call };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Calls every listener once. One that throws is reported and stops no other; one that causes a change is called anew afterwards, not within. */
  emit(): void {
    if (this.#emitting) {
      this.#again = true;
      return;
    }
    this.#emitting = true;
    // One that subscribes meanwhile hears of the next change.
    const listeners = [...this.#listeners];
    for (const listener of listeners) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener.call();
      } catch (error) {
        report(error);
      }
    }
    this.#emitting = false;
    if (this.#again) {
      this.#again = false;
      queueMicrotask(() => this.emit());
    }
  }
}
