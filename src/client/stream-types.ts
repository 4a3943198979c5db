import type { RoomcastErrorFields, Status } from "./types.ts";

/** Where to begin: see `from` in docs/streams.md. A position is `<epoch>.<seq>`, and what follows it comes. */
export type SubscribeFrom =
  | "now"
  | "start"
  | { readonly last: number }
  /** A time: milliseconds since 1970, or a Date. */
  | { readonly at: number | Date }
  | { readonly after: string };

export interface SubscribeOptions {
  /** `now` unless told otherwise. After a reconnect it goes on where it was. */
  readonly from?: SubscribeFrom;
  /** Which events, such as `type:pageview path^:/docs`. All unless told otherwise. */
  readonly filter?: string;
  /** Events that were to come are no longer there, or the history is another one. What is there comes next. */
  readonly onReset?: (reset: StreamReset) => void;
  readonly onStatus?: (status: SubscriptionStatus) => void;
}

export interface StreamReset {
  /**
   * `gone`, `behind`: dropped before they could be sent, while away or while too slow. `epoch`, `cleared`, `restored`:
   * another history. `ahead`: the room knows less than this client did.
   */
  readonly reason: "gone" | "behind" | "epoch" | "cleared" | "restored" | "ahead";
  /** What comes next is after this position. */
  readonly position: string;
  /** How many events are gone for certain; undefined where that cannot be known. */
  readonly missed: number | undefined;
}

/** What an event came with. */
export interface EventInfo {
  /** `<epoch>.<seq>`: to go on after it another time. */
  readonly position: string;
  /** When the room stored it, milliseconds since 1970. */
  readonly at: number;
  /** It was there before the subscription, or was missed during a reconnect. */
  readonly replayed: boolean;
  /** Stands for the visitor of a site for one day; see docs/streams.md. */
  readonly visitor: string | undefined;
  /** The JSON text, exactly as it was published. */
  readonly text: string;
}

export type SubscriptionStatus =
  /** In step with the room, having caught up on so many events that passed the filter. */
  { readonly phase: "live"; readonly caughtUp: number } | Exclude<Status, { readonly phase: "live" }>;

export interface Subscription {
  readonly status: SubscriptionStatus;
  /** The position up to which everything has come; undefined before the first connection. */
  readonly position: string | undefined;
  /** Tries again now. Does nothing unless it waits for a reconnect. */
  retry(): void;
  /** Ends it. */
  close(): void;
}

/** A live stream of events. `E` is their shape as the application knows it: the room checks that they are objects, not more. */
export interface StreamHandle<E = unknown> {
  readonly id: string;
  /** The connection that publishes: made when something is first published. */
  readonly status: Status;
  /** Batches not yet answered. */
  readonly pending: number;
  readonly lastError: (RoomcastErrorFields & Error) | undefined;
  /**
   * Publishes one event or several, all or none: resolves once they are durable, rejects with a RoomcastError. What is
   * published without a connection waits for one, and is published once whatever the connection does.
   */
  publish(events: E | readonly E[]): Promise<void>;
  /**
   * Calls back with each event, in order, once, until closed, across reconnects. Each subscription is a connection of its
   * own. A filter that is none ends it with `bad_message`.
   */
  subscribe(listener: (event: E, info: EventInfo) => void, options?: SubscribeOptions): Subscription;
  /** Ends the subscriptions, and publishes no more. */
  close(): void;
}
