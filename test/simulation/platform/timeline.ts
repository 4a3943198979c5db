interface Event {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  cancelled: boolean;
}

const nextTurn = setImmediate;

/** After this many events the process gets a turn of its own, for what promises alone do not settle. */
const EVENTS_A_TURN = 32;

/** Everything that happens, in the order of a virtual time. Between two events all promises that can settle do. */
export class Timeline {
  /** Milliseconds since 1970. */
  time: number;
  readonly #heap: Event[] = [];
  #order = 0;
  #events = 0;

  constructor(time: number) {
    this.time = time;
  }

  /** Calls `work` once, `delay` milliseconds from now, unless the returned function is called before. */
  after(delay: number, work: () => void): () => void {
    const event: Event = {
      at: this.time + Math.max(0, Number.isFinite(delay) ? delay : 0),
      order: (this.#order += 1),
      work,
      cancelled: false,
    };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Lets time pass. */
  async run(duration: number): Promise<void> {
    const until = this.time + duration;
    await settle();
    for (;;) {
      const event = this.#heap[0];
      if (event === undefined || event.at > until) break;
      this.#pop();
      if (event.cancelled) continue;
      this.time = Math.max(this.time, event.at);
      event.work();
      this.#events += 1;
      await (this.#events % EVENTS_A_TURN === 0 ? settle() : settlePromises());
    }
    this.time = until;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Event;
      if (!isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Resolves when every promise that waits for promises alone has settled: Node runs ticks once none is left to run. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Resolves when every promise that can settle without an event has. */
function settle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}
