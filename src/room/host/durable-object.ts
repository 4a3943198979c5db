import { PING, PONG } from "../../protocol/version.ts";
import type { Clock, Host, HostAlarm, HostSockets, Sql } from "./host.ts";

/** A state that brings a host of its own, as rooms in memory have: `new DocumentRoom({ [HOST]: host }, env)`. */
export const HOST = Symbol("host");

/** The host of a room that was constructed with `state`. Heartbeats are answered from here on without waking it. */
export function hostOf(state: DurableObjectState & { readonly [HOST]?: Host }): Host {
  return state[HOST] ?? new DurableObjectHost(state);
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after: (delay, work) => {
    const timer = setTimeout(work, delay);
    return () => clearTimeout(timer);
  },
};

class DurableObjectHost implements Host {
  readonly clock = SYSTEM_CLOCK;
  readonly alarm: HostAlarm;
  readonly sockets: HostSockets;
  readonly #state: DurableObjectState;

  constructor(state: DurableObjectState) {
    this.#state = state;
    const { storage } = state;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.alarm = {
      get: () => storage.getAlarm(),
      // Not awaited: the platform's output gate covers it like any other write.
      set: (at) => void storage.setAlarm(at),
    };
    this.sockets = {
      accept: (socket) => state.acceptWebSocket(socket as WebSocket),
      all: () => state.getWebSockets(),
      pingedAt: (socket) => state.getWebSocketAutoResponseTimestamp(socket as WebSocket)?.getTime() ?? 0,
    };
  }

  get id(): string {
    return this.#state.id.toString();
  }

  get name(): string | undefined {
    return this.#state.id.name;
  }

  get sql(): Sql {
    return this.#state.storage.sql;
  }

  transaction<T>(work: () => T): T {
    return this.#state.storage.transactionSync(work);
  }

  durable(): Promise<void> {
    return this.#state.storage.sync();
  }
}
