import { describeEvent } from "../../../src/pipeline/tally.ts";
import type { Json } from "../lib/json.ts";

/** Whether an event is wanted in the list. */
type Passes = (event: { readonly data: string }) => boolean;

/** Events that are kept to look back at. */
const KEPT = 1_000;
/** Those that are shown of them: while they run past, nobody reads far down. */
export const SHOWN = { running: 40, still: 200 } as const;

/** An event as the list shows it. */
export interface TailEvent {
  readonly kind: "event";
  readonly key: number;
  readonly position: string;
  /** When the room committed it, milliseconds since 1970. */
  readonly at: number;
  /** As it was published. */
  readonly data: string;
  readonly value: Json;
  /** As it is counted in history too: empty where it has none. */
  readonly type: string;
  readonly path: string;
}

/** Something that happened to the list itself, between the events. */
export interface TailNote {
  readonly kind: "note";
  readonly key: number;
  readonly text: string;
}

export type TailItem = TailEvent | TailNote;

export interface TailView {
  /** Newest first. */
  readonly items: readonly TailItem[];
  /** Events that came while it stood still. */
  readonly waiting: number;
}

/** The newest events, as many as one can look at. Standing still, it shows what it showed while more come. */
export class Tail {
  #kept: TailItem[] = [];
  #next = 0;
  #passes: Passes | undefined;
  #still: TailView | undefined;
  #since = 0;

  event(event: Omit<TailEvent, "kind" | "key" | "type" | "path">): TailEvent {
    const { type, page } = describeEvent(event.value);
    const item: TailEvent = {
      ...event,
      kind: "event",
      key: this.#next,
      type,
      path: page,
    };
    this.#push(item);
    return item;
  }

  note(text: string): void {
    this.#push({ kind: "note", key: this.#next, text });
  }

  filter(passes: Passes | undefined): void {
    this.#passes = passes;
    if (this.#still !== undefined) this.#still = { items: this.#chosen(this.#since, SHOWN.still), waiting: 0 };
  }

  /** Stands still, or goes on. */
  pause(still: boolean): void {
    this.#since = this.#next;
    this.#still = still ? { items: this.#chosen(this.#next, SHOWN.still), waiting: 0 } : undefined;
  }

  clear(): void {
    this.#kept = [];
    if (this.#still !== undefined) this.pause(true);
  }

  view(): TailView {
    if (this.#still === undefined) return { items: this.#chosen(this.#next, SHOWN.running), waiting: 0 };
    const waiting = this.#kept.filter((item) => item.key >= this.#since && this.#passed(item)).length;
    return { items: this.#still.items, waiting };
  }

  #push(item: TailItem): void {
    this.#next += 1;
    this.#kept.push(item);
    // Not one by one: moving a thousand for each new one would cost more than all the rest.
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
  }

  #passed(item: TailItem): item is TailEvent {
    return item.kind === "event" && (this.#passes === undefined || this.#passes(item));
  }

  /** The newest that pass, of those before `end`. Notes stay where they are. */
  #chosen(end: number, most: number): readonly TailItem[] {
    const items: TailItem[] = [];
    for (let index = this.#kept.length - 1; index >= 0 && items.length < most; index -= 1) {
      const item = this.#kept[index];
      if (item !== undefined && item.key < end && (item.kind === "note" || this.#passed(item))) items.push(item);
    }
    return items;
  }
}
