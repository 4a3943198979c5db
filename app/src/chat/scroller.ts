import { Store } from "./store.ts";

/** So near to the end, in pixels, counts as being there. */
const NEAR = 48;
/** So near to the beginning, earlier messages are fetched. */
const EARLY = 600;

/**
 * A list that stays where its reader is: at its end while they are there, else at the line that they read, whatever is
 * put before or after it. Its lines have `data-key`, and stand in its only child.
 */
export class Scroller extends Store {
  #list: HTMLElement | undefined;
  #atEnd = true;
  /** Where the end was when the list was last put there. */
  #end = 0;
  #held: { readonly line: HTMLElement; readonly top: number } | undefined;
  #nearTop: () => void = () => undefined;

  /** Calls back when the reader comes near to the beginning, and again when more was put there; returns the way to stop. */
  onNearTop(call: () => void): () => void {
    this.#nearTop = call;
    return () => {
      this.#nearTop = () => undefined;
    };
  }

  readonly atEnd = (): boolean => this.#atEnd;

  /** For `ref`. */
  readonly attach = (list: HTMLElement | null): (() => void) | undefined => {
    if (list === null) return undefined;
    this.#list = list;
    // Also for a phone's keyboard, a wider window, an image that has come. It is called before the next frame is drawn.
    const observer = new ResizeObserver(() => this.#settle());
    observer.observe(list);
    if (list.firstElementChild !== null) observer.observe(list.firstElementChild);
    return () => {
      observer.disconnect();
      this.#list = undefined;
    };
  };

  readonly scrolled = (): void => {
    const list = this.#list;
    if (list === undefined) return;
    const { scrollTop } = list;
    const near = list.scrollHeight - scrollTop - list.clientHeight < NEAR;
    // One who is at the end leaves it by going up. That more has come since, and is not drawn yet, takes nobody away.
    this.#stick(near || (this.#atEnd && scrollTop >= this.#end));
    if (this.#atEnd) this.#end = scrollTop;
    this.#held = firstInView(list);
    if (list.scrollTop < EARLY) this.#nearTop();
  };

  readonly toEnd = (): void => {
    this.#stick(true);
    this.#settle();
  };

  /** Holds on to the line that is read now, also at the end, until the reader scrolls. */
  readonly stay = (): void => {
    if (this.#list === undefined) return;
    this.#stick(false);
    this.#held = firstInView(this.#list);
  };

  #stick(atEnd: boolean): void {
    if (atEnd === this.#atEnd) return;
    this.#atEnd = atEnd;
    this.emit();
  }

  #settle(): void {
    const list = this.#list;
    if (list === undefined) return;
    if (this.#atEnd) {
      list.scrollTop = list.scrollHeight;
      this.#end = list.scrollTop;
    } else if (this.#held?.line.isConnected === true) {
      list.scrollTop += this.#held.line.getBoundingClientRect().top - this.#held.top;
    }
    if (list.scrollTop < EARLY) this.#nearTop();
  }
}

function firstInView(list: HTMLElement): { readonly line: HTMLElement; readonly top: number } | undefined {
  const { top: edge } = list.getBoundingClientRect();
  for (const line of list.querySelectorAll<HTMLElement>("[data-key]")) {
    const { top, bottom } = line.getBoundingClientRect();
    if (bottom > edge) return { line, top };
  }
  return undefined;
}
