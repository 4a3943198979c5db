/** Something outside of React that tells its listeners when it has changed. */
export class Store {
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected emit(): void {
    for (const listener of this.#listeners) listener();
  }
}
