/** How long a lent room stays connected when nobody holds it, in milliseconds: components come and go. */
const LINGER = 5_000;

/** What a shelf needs of a room. */
export interface Shelved {
  readonly status: { readonly phase: string };
  readonly pending: number;
  start(): void;
  pause(): void;
  close(): void;
  /** Called by a room that has something to send while it is paused. */
  wanted: (() => void) | undefined;
}

interface Place {
  readonly key: string;
  readonly room: Shelved;
  /** Opened by the app itself: only `close()` ends it. */
  kept: boolean;
  holders: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The open rooms of one server, one per key. A room is kept, or lent: then it is connected while somebody holds it and
 * a little longer, and until its last mutation is answered.
 */
export class Shelf {
  readonly #places = new Map<string, Place>();
  /** Those that may be connected, also where another room has taken their place meanwhile. */
  readonly #open = new Set<Place>();
  readonly #byRoom = new WeakMap<object, Place>();

  take<R extends Shelved>(key: string, make: () => R, keep: boolean): R {
    let place = this.#places.get(key);
    if (place === undefined || place.room.status.phase === "closed") {
      for (const other of this.#open) if (other.room.status.phase === "closed") this.#forget(other);
      const made: Place = { key, room: make(), kept: false, holders: 0, timer: undefined };
      made.room.wanted = () => this.#wake(made);
      this.#byRoom.set(made.room, made);
      this.#put(made);
      this.#letGo(made);
      place = made;
    }
    if (keep) {
      place.kept = true;
      place.room.start();
    }
    return place.room as R;
  }

  /** Connects a lent room until the returned function is called. */
  hold(room: object): () => void {
    const place = this.#byRoom.get(room);
    if (place === undefined) return () => {};
    place.holders += 1;
    this.#put(place);
    place.room.start();
    let held = true;
    return () => {
      if (held) place.holders -= 1;
      held = false;
      this.#letGo(place);
    };
  }

  close(): void {
    const open = [...this.#open];
    this.#open.clear();
    this.#places.clear();
    // What listeners open meanwhile is not among them.
    for (const { room, timer } of open) {
      clearTimeout(timer);
      room.close();
    }
  }

  /** A component that has unmounted may still save: connected again, until that is answered. */
  #wake(place: Place): void {
    this.#put(place);
    place.room.start();
    this.#letGo(place);
  }

  #forget(place: Place): void {
    this.#open.delete(place);
    if (this.#places.get(place.key) === place) this.#places.delete(place.key);
  }

  #put(place: Place): void {
    if (place.room.status.phase === "closed") return;
    this.#open.add(place);
    if (!this.#places.has(place.key)) this.#places.set(place.key, place);
  }

  #letGo(place: Place): void {
    clearTimeout(place.timer);
    const timer: unknown = (place.timer = setTimeout(() => {
      if (place.kept || place.holders > 0) return;
      if (place.room.pending > 0) {
        this.#letGo(place);
        return;
      }
      // Not closed: a component that was only hidden finds it as it was, and holding it connects it again. Forgotten first,
      // as a listener of the pause may want it again.
      this.#forget(place);
      place.room.pause();
    }, LINGER));
    (timer as { unref?: () => void }).unref?.();
  }
}
