import { defineKind } from "../kinds/kind.ts";
import { NOTHING_PASSES, STREAM_VERSION } from "../kinds/stream/limits.ts";
import type { Place } from "./address.ts";
import type { Opener, RoomType } from "./connect.ts";
import type { RoomcastError } from "./errors.ts";
import { jsonText } from "./json.ts";
import { RoomHandle } from "./room.ts";
import type { EventInfo, StreamHandle, SubscribeOptions, Subscription } from "./stream-types.ts";
import { StreamSubscription } from "./subscription.ts";
import type { ConnectOptions, RoomcastErrorFields, Status } from "./types.ts";

type Publish = { readonly type: "publish"; readonly events: readonly { readonly data: string }[] };

/** A stream as one who publishes to it needs it: there is nothing to foresee and nothing to fold. */
const PUBLISHER = defineKind<null, Publish, unknown>({
  name: "stream",
  version: STREAM_VERSION,
  initial: () => null,
  decide: () => [],
  fold: () => null,
  everyOp: true,
});

class StreamRoom<E> implements StreamHandle<E> {
  readonly id: string;
  readonly #place: Place;
  readonly #options: ConnectOptions;
  readonly #publisher: RoomHandle<null, Publish, unknown, never>;
  readonly #subscriptions = new Set<StreamSubscription<E>>();
  #started = false;
  #publishes = false;

  constructor(id: string, place: Place, options: ConnectOptions) {
    this.id = id;
    this.#place = place;
    this.#options = options;
    const wants = { from: { last: 0 }, filter: NOTHING_PASSES };
    this.#publisher = new RoomHandle(PUBLISHER, id, place, options, { wants });
    this.#publisher.subscribe(() => {
      const { status } = this;
      if (status.phase === "closed") for (const subscription of this.#subscriptions) subscription.end(status);
    });
  }

  get status(): Status {
    return this.#publisher.status;
  }

  get pending(): number {
    return this.#publisher.pending;
  }

  get lastError(): (RoomcastErrorFields & Error) | undefined {
    return this.#publisher.lastError;
  }

  set wanted(wanted: (() => void) | undefined) {
    this.#publisher.wanted = wanted;
  }

  publish(events: E | readonly E[]): Promise<void> {
    const list: readonly unknown[] = Array.isArray(events) ? events : [events];
    let intents: Publish[];
    try {
      jsonText(events);
      const lines = list.map((event) => ({ data: JSON.stringify(event) }));
      intents = lines.length === 0 ? [] : [{ type: "publish", events: lines }];
    } catch (error) {
      return this.#publisher.watched(Promise.reject(error as RoomcastError));
    }
    this.#publishes = true;
    if (this.#started) this.#publisher.start();
    return this.#publisher.mutate(intents);
  }

  subscribe(listener: (event: E, info: EventInfo) => void, options: SubscribeOptions = {}): Subscription {
    const subscription = new StreamSubscription<E>(this.#place, this.#options, listener, options, {
      ended: () => void this.#subscriptions.delete(subscription),
      obstructed: (error) => this.#publisher.obstructed(error),
      unobstructed: () => this.#publisher.unobstructed(),
    });
    const { status } = this;
    if (status.phase === "closed") {
      // Later in this turn: `onStatus` may use the subscription, which the caller has yet to get.
      queueMicrotask(() => subscription.end(status));
      return subscription;
    }
    this.#subscriptions.add(subscription);
    if (this.#started) subscription.start();
    return subscription;
  }

  start(): void {
    this.#started = true;
    if (this.#publishes) this.#publisher.start();
    for (const subscription of this.#subscriptions) subscription.start();
  }

  pause(): void {
    this.#started = false;
    this.#publisher.pause();
    for (const subscription of this.#subscriptions) subscription.pause();
  }

  close(): void {
    this.#publisher.close();
  }
}

const STREAM: RoomType<StreamRoom<unknown>> = {
  path: "stream",
  make: (id, place, options) => new StreamRoom(id, place, options),
};

/** A live stream of events: `stream(connect(), "site")`. Throws a RoomcastError with code `bad_room_id` for an id that no room can have. */
export function stream<E = unknown>(rooms: Opener, id: string): StreamHandle<E> {
  return rooms.open(STREAM, id) as StreamHandle<E>;
}
