import { isTerminalClose } from "../protocol/codes.ts";
import { PING, PONG, SUBPROTOCOL } from "../protocol/version.ts";
import { backoff } from "./backoff.ts";
import { RoomcastError } from "./errors.ts";
import type { WebSocketClass } from "./types.ts";

/** All in milliseconds. */
const TIMES = {
  /** From the start of an attempt to the room's first frame. */
  attempt: 10_000,
  ping: 25_000,
  /** From a ping to any frame: 40 s in all before a silent connection counts as dead. */
  pong: 15_000,
  /** The same when there is reason to doubt: the network changed, or the page slept. */
  doubt: 5_000,
  /** A connection that lasted this long starts the backoff anew. */
  stable: 5_000,
};

/** What all implementations share; their own types are not compatible with each other. */
interface Like {
  readonly readyState: number;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: never) => void): void;
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  /** A connection is open, nothing was said on it yet. */
  opened(): void;
  frame(text: string): void;
  /**
   * Not connected. The `attempt`th try, from 1, is at `retryAt` (milliseconds since 1970). `closeCode` and `reason` are
   * those of the close frame that ended the connection, if one did.
   */
  waiting(attempt: number, retryAt: number, closeCode?: number, reason?: string): void;
  /** There was nothing to connect to: the address could not be resolved, or is invalid. It is tried again. */
  failed(error: RoomcastError): void;
  /** Over for good. `closeCode` is 0 when there was no connection to begin with. */
  ended(closeCode: number, reason: string): void;
}

/**
 * One WebSocket that comes back: with jittered backoff, at once when the network or the page returns, never
 * after a terminal close code. Says nothing of its own but pings.
 *
 * Until `close`, it keeps a Node process alive, also while it waits for the next attempt.
 */
export class Socket {
  readonly #address: () => Promise<string>;
  readonly #implementation: WebSocketClass | undefined;
  readonly #events: SocketEvents;
  #socket: Like | undefined;
  #attempt = 0;
  #openedAt = 0;
  // Zero unless waiting.
  #retryAt = 0;
  // Counts attempts; what belongs to an older one is ignored, since a socket may close long after it was given up.
  #generation = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #closed = true;
  // Of the pings not yet answered, oldest first: answers come in order.
  #pings: ((answered: boolean) => void)[] = [];

  constructor(address: () => Promise<string>, implementation: WebSocketClass | undefined, events: SocketEvents) {
    this.#address = address;
    this.#implementation = implementation;
    this.#events = events;
  }

  /** Starts, or starts again after `close`. */
  start(): void {
    this.#closed = false;
    this.#attempt = this.#openedAt = 0;
    watchNetwork(this.#doubt, "addEventListener");
    this.#connect();
  }

  /** Sends if there is an open connection, else drops it. */
  send(text: string): void {
    if (this.#socket?.readyState === 1) this.#socket.send(text);
  }

  /** The time until the server has answered a ping, in milliseconds; undefined when it does not on this connection. */
  ping(): Promise<number | undefined> {
    if (this.#socket?.readyState !== 1) return Promise.resolve(undefined);
    const start = performance.now();
    return new Promise((resolve) =>
      this.#sendPing((answered) => resolve(answered ? performance.now() - start : undefined)),
    );
  }

  /** Gives the connection up and starts the next after the backoff. */
  drop(closeCode?: number, reason?: string): void {
    if (this.#closed) return;
    this.#discard();
    if (this.#openedAt > 0 && Date.now() - this.#openedAt >= TIMES.stable) this.#attempt = 0;
    this.#openedAt = 0;
    this.#attempt += 1;
    const wait = backoff(this.#attempt);
    this.#retry = setTimeout(() => this.#connect(), wait);
    this.#retryAt = Date.now() + wait;
    this.#events.waiting(this.#attempt, this.#retryAt, closeCode, reason);
  }

  /** Ends a wait for the next attempt. */
  retry(): void {
    if (this.#retryAt === 0) return;
    this.#events.waiting(this.#attempt, Date.now());
    this.#connect();
  }

  /** Ends it, without an event. */
  close(): void {
    this.#closed = true;
    watchNetwork(this.#doubt, "removeEventListener");
    this.#discard();
  }

  #connect(): void {
    if (this.#closed) return;
    this.#discard();
    const generation = this.#generation;
    const Implementation = (this.#implementation ?? globalThis.WebSocket) as
      | (new (...of: string[]) => Like)
      | undefined;
    if (Implementation === undefined) {
      this.#end(0, "No WebSocket here: pass one as `connect(url, { WebSocket })`.");
      return;
    }
    this.#expect(TIMES.attempt);
    const current = (): boolean => generation === this.#generation;
    const attempt = async (): Promise<void> => {
      // In a later turn: what asks for the address is the application's code, and may close what is just being opened.
      const address = await Promise.resolve().then(this.#address);
      if (current()) this.#open(new Implementation(address, SUBPROTOCOL), current);
    };
    attempt().catch((error: unknown) => {
      if (!current()) return;
      this.#events.failed(new RoomcastError("no_address", error instanceof Error ? error.message : String(error)));
      if (current()) this.drop();
    });
  }

  #open(socket: Like, current: () => boolean): void {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      if (!current()) return;
      this.#openedAt = Date.now();
      this.#pace();
      this.#events.opened();
    });
    socket.addEventListener("message", ({ data }: { data: unknown }) => {
      if (!current()) return;
      clearTimeout(this.#deadline);
      if (data === PONG) this.#pings.shift()?.(true);
      else if (typeof data === "string") this.#events.frame(data);
    });
    socket.addEventListener("close", ({ code, reason }: { code: number; reason: string }) => {
      if (!current()) return;
      if (isTerminalClose(code)) this.#end(code, reason);
      else this.drop(code, reason);
    });
    // A close follows; without a listener, some implementations throw.
    socket.addEventListener("error", () => {});
  }

  #end(closeCode: number, reason: string): void {
    this.close();
    this.#events.ended(closeCode, reason);
  }

  #discard(): void {
    this.#generation += 1;
    clearTimeout(this.#retry);
    this.#retryAt = 0;
    clearTimeout(this.#pulse);
    clearTimeout(this.#deadline);
    this.#socket?.close();
    this.#socket = undefined;
    for (const settle of this.#pings.splice(0)) settle(false);
  }

  // At a steady pace, whatever else is said: the room knows by it who is still there. Timers of hidden pages may be late,
  // which does no harm.
  #ping(patience: number): void {
    this.#expect(patience);
    this.#sendPing(() => {});
    this.#pace();
  }

  #sendPing(settle: (answered: boolean) => void): void {
    this.#pings.push(settle);
    this.send(PING);
  }

  #pace(): void {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => this.#ping(TIMES.pong), TIMES.ping);
  }

  /** Any frame will do. */
  #expect(patience: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.drop(), patience);
  }

  // The network or the page went or came. A network that is said to be gone may still reach this machine's own servers,
  // so an open connection is asked rather than given up.
  readonly #doubt = (): void => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.#openedAt > 0) this.#ping(TIMES.doubt);
    else if (!isOffline()) this.retry();
    else if (this.#retryAt > 0) this.#events.waiting(this.#attempt, this.#retryAt);
  };
}

function watchNetwork(listener: () => void, method: "addEventListener" | "removeEventListener"): void {
  globalThis[method]?.("online", listener);
  globalThis[method]?.("offline", listener);
  globalThis.document?.[method]("visibilitychange", listener);
}

/** Whether the browser says that there is no network. Node does not say. */
export function isOffline(): boolean {
  const { navigator }: { navigator?: { onLine?: boolean } } = globalThis;
  return navigator?.onLine === false;
}
