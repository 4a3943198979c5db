/** One event of a site as the script publishes it. */
export interface SiteEvent {
  readonly siteId: string;
  /** Unguessable and the same however often the event is sent: by it, the stream takes the event once. */
  readonly id: string;
  /** `pageview`, or the name given to `track`. */
  readonly type: string;
  /** The page's path, without its query and hash, which may hold what is nobody's business. */
  readonly path: string;
  /** The host that the visitor came from, when it is another one. On the first page view only. */
  readonly referrer?: string;
  readonly props?: Props;
  /** When it happened, milliseconds since 1970 by the visitor's clock. */
  readonly at: number;
}

export type Props = Readonly<Record<string, string | number | boolean | null>>;

/** What the script leaves on `window`. */
export interface Roomcast {
  /** Publishes an event of this page. `name` becomes its `type`. Never throws, and tells nobody whether it arrived. */
  track(name: string, props?: Props): void;
  /**
   * What a stub gathers before the script is there: `window.roomcast = window.roomcast || { q: [] }`, then
   * `roomcast.q.push(["signup", { plan: "free" }])`. It goes on working afterwards.
   */
  readonly q: { push(...calls: Call[]): number };
  /** The script has run. */
  readonly loaded?: true;
}

/** A call that waits: `name`, `[name, props]`, or `["track", name, props]`; also a function's `arguments`. */
export type Call = string | ArrayLike<unknown>;

declare global {
  interface Window {
    roomcast?: Roomcast;
  }
  interface Navigator {
    /** https://www.w3.org/TR/gpc/ */
    readonly globalPrivacyControl?: boolean;
  }
}
