/** How long a lent room stays connected when nobody holds it, in milliseconds: components come and go. */
const LINGER = 5_000;

/** What a shelf needs of a room. */
export interface Shelved {
  readonly status: { readonly phase: string };
  readonly pending: number;
  start(): void;
  pause(): void;
  close(): void;
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
  readonly #byRoom = new WeakMap<object, Place>();

  take<R extends Shelved>(key: string, make: () => R, keep: boolean): R {
    let place = this.#places.get(key);
    if (place === undefined || place.room.status.phase === "closed") {
      place = { key, room: make(), kept: false, holders: 0, timer: undefined };
      this.#places.set(key, place);
      this.#byRoom.set(place.room, place);
      this.#letGo(place);
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
    place.room.start();
    let held = true;
    return () => {
      if (held) place.holders -= 1;
      held = false;
      this.#letGo(place);
    };
  }

  close(): void {
    for (const { room, timer } of this.#places.values()) {
      clearTimeout(timer);
      room.close();
    }
    this.#places.clear();
  }

  #letGo(place: Place): void {
    clearTimeout(place.timer);
    const timer: unknown = (place.timer = setTimeout(() => {
      if (place.kept || place.holders > 0) return;
      if (place.room.pending > 0) {
        this.#letGo(place);
        return;
      }
      // Not closed: a component that was only hidden finds it as it was, and holding it connects it again.
      place.room.pause();
      if (this.#places.get(place.key) === place) this.#places.delete(place.key);
    }, LINGER));
    (timer as { unref?: () => void }).unref?.();
  }
}
