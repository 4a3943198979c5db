import { refuse, type Refusal } from "../protocol/refusal.ts";
import { NATIVE } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import type { Host, HostSocket } from "./host/host.ts";
import { SendQueues, type SocketMonitor } from "./send-queues.ts";

/** What a room needs to bound the memory that readers without flow control take. */
export interface Backpressure {
  readonly monitor: SocketMonitor;
  /** Takes no events until `work` is done. */
  readonly pause: (work: () => Promise<void>) => void;
  /** Ends the object and its sockets; what was acknowledged stays. */
  readonly abort: () => void;
}

interface Sockets {
  readonly connections: ReadonlyMap<HostSocket, Connection>;
  readonly end: (connection: Connection, refusal: Refusal) => void;
}

/** The connections of a room without flow control: those of every dialect but the native one. */
export class SimpleReaders {
  readonly #sockets: Sockets;
  readonly #queues: SendQueues | undefined;

  /** `backpressure` is absent where nothing tells whether a client reads. */
  constructor(host: Host, sockets: Sockets, backpressure: Backpressure | undefined) {
    this.#sockets = sockets;
    if (backpressure !== undefined) {
      const { id: room, clock } = host;
      this.#queues = new SendQueues({ ...backpressure, room, clock, close: (deaf) => this.#closeDeaf(deaf) });
    }
  }

  /** Why no more of them are taken in from a network, which has `limit`. Without a known network there is no limit. */
  fullFor(network: string | undefined, limit: number): Refusal | undefined {
    if (network === undefined) return undefined;
    let open = 0;
    for (const { dialect, network: other } of this.#sockets.connections.values()) {
      if (dialect !== NATIVE && other === network) open += 1;
    }
    if (open < limit) return undefined;
    return refuse(
      "room_full",
      `This room takes ${limit} connections without the subprotocol roomcast.v1 from one network address. ` +
        "Close some, or connect with roomcast.v1 or server-sent events.",
    );
  }

  /** Counts what is sent to a connection from here on, where something tells whether it is read. */
  watch(connection: Connection): void {
    const { id, dialect, peer } = connection;
    if (dialect !== NATIVE && peer !== undefined) connection.queue = this.#queues?.of(id, peer);
  }

  /** Call after sending to them. */
  turn(): void {
    this.#queues?.turn();
  }

  #closeDeaf(id: string): void {
    const { connections, end } = this.#sockets;
    for (const connection of connections.values()) {
      if (connection.id === id) end(connection, refuse("unresponsive", "What is sent here is not being read."));
    }
  }
}
