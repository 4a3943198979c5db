import type { ReaderState } from "../protocol/reader-state.ts";
import type { Clock } from "./host/host.ts";

/** Over this many bytes in all queues of the process, rooms ask which of their readers still read. */
const ASK_BYTES = 8 * 1024 * 1024;
/** Over this many, a room takes no events until it has the answer, so that its readers catch up. */
const PAUSE_BYTES = 32 * 1024 * 1024;
/** A reader with less than this in its queue is never closed for not reading. */
const SPARED_BYTES = 64 * 1024;
/** Queues of closed sockets, whose memory only the end of their TCP connections or of the room's object frees. */
const CLOSED_BYTES = 96 * 1024 * 1024;
/** A room with at least this share of them frees it when they are over `CLOSED_BYTES`. */
const WORTH_FREEING_BYTES = 8 * 1024 * 1024;
/** Between two questions of one room while it need not pause. */
const ASK_EVERY_MS = 250;
/** What a frame costs beside its bytes, about. */
const FRAME_BYTES = 128;

/** Looks at TCP connections by the client's address and port; undefined where it cannot. It may take two seconds. */
export type SocketMonitor = (peers: readonly string[]) => Promise<ReadonlyMap<string, ReaderState> | undefined>;

export interface SendQueuesOptions {
  /** The room's, unique in the process. */
  readonly room: string;
  readonly clock: Clock;
  readonly monitor: SocketMonitor;
  /** Takes no events until `work` is done. */
  readonly pause: (work: () => Promise<void>) => void;
  /** Closes this socket: its reader does not read. */
  readonly close: (connection: string) => void;
  /** Ends the object, and with it all of its sockets and their queues. What was acknowledged stays. */
  readonly abort: () => void;
}

/** The queue of one socket without flow control. The platform does not tell its size, so this is the most that it can be. */
export class SendQueue {
  readonly room: string;
  readonly connection: string;
  readonly peer: string;
  /** Sent, and not known to have left the process. */
  bytes = 0;
  /** The socket is closed, yet what was queued stays in memory. */
  closed = false;
  /** To be closed by its room, which alone may touch the socket. */
  condemned = false;

  constructor(room: string, connection: string, peer: string) {
    this.room = room;
    this.connection = connection;
    this.peer = peer;
  }

  /** A frame of this many bytes was sent. */
  add(bytes: number): void {
    this.bytes += bytes + FRAME_BYTES;
    process.open += bytes + FRAME_BYTES;
  }

  release(bytes: number): void {
    const released = Math.min(bytes, this.bytes);
    this.bytes -= released;
    if (this.closed) process.closed -= released;
    else process.open -= released;
  }

  /** Its room has closed it. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    process.open -= this.bytes;
    process.closed += this.bytes;
    if (this.bytes < SPARED_BYTES) this.drop();
  }

  drop(): void {
    this.release(this.bytes);
    process.queues.delete(keyOf(this.room, this.connection));
  }
}

/** All rooms of a process share its memory, so they share the count, which also outlives the sleep of a room. */
const process = { queues: new Map<string, SendQueue>(), open: 0, closed: 0 };

function keyOf(room: string, connection: string): string {
  return `${room} ${connection}`;
}

/**
 * Bounds what a room's readers without flow control make the process hold. The platform tells neither the size of a
 * socket's queue nor whether its peer reads; under `roomcast start` the launcher does, from the operating system.
 */
export class SendQueues {
  readonly #options: SendQueuesOptions;
  #asking = false;
  #pausing = false;
  #askedAt = -Infinity;

  constructor(options: SendQueuesOptions) {
    this.#options = options;
  }

  /** The queue of a connection; the same as before where the room slept meanwhile. */
  of(connection: string, peer: string): SendQueue {
    const { room } = this.#options;
    const key = keyOf(room, connection);
    const found = process.queues.get(key) ?? new SendQueue(room, connection, peer);
    process.queues.set(key, found);
    return found;
  }

  /** Call after sending. */
  turn(): void {
    if (process.open > ASK_BYTES || process.closed > CLOSED_BYTES) this.#act();
  }

  #act(): void {
    this.#closeCondemned();
    if (this.#pausing) return;
    if (process.open > PAUSE_BYTES) {
      // Not the answer to an earlier question: it is an event, and would wait for the pause to end.
      this.#pausing = true;
      this.#options.pause(async () => {
        await this.#ask();
        this.#pausing = false;
      });
    } else if (!this.#asking && Math.abs(this.#options.clock.now() - this.#askedAt) >= ASK_EVERY_MS) {
      this.#asking = true;
      void this.#askAside();
    }
  }

  /** Asks while the room goes on. */
  async #askAside(): Promise<void> {
    await this.#ask();
    this.#asking = false;
    this.#askedAt = this.#options.clock.now();
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    const asked = [...process.queues.values()]
      .filter(({ bytes }) => bytes > 0)
      .map((queue) => ({ queue, sent: queue.bytes }));
    try {
      const states = await this.#options.monitor([...new Set(asked.map(({ queue }) => queue.peer))]);
      if (states === undefined) return;
      judge(asked, states);
    } catch (error) {
      console.error("roomcast: the server could not look at its sockets", error);
      return;
    }
    this.#closeCondemned();
    this.#freeClosed();
  }

  #closeCondemned(): void {
    const { room, close } = this.#options;
    for (const queue of process.queues.values()) {
      if (queue.room === room && queue.condemned && !queue.closed) close(queue.connection);
    }
  }

  /**
   * Ends the object if its closed sockets hold too much. Call only after an answer: a reader that has just left may have
   * read everything, and then its TCP connection is gone.
   */
  #freeClosed(): void {
    if (process.closed <= CLOSED_BYTES) return;
    const own = [...process.queues.values()].filter(({ room }) => room === this.#options.room);
    const closedBytes = own.reduce((sum, { closed, bytes }) => sum + (closed ? bytes : 0), 0);
    if (closedBytes < WORTH_FREEING_BYTES) return;
    for (const queue of own) queue.drop();
    this.#options.abort();
  }
}

/** Counts what has left, and condemns who does not read; if that is not enough, who has the most to read. */
function judge(
  asked: readonly { readonly queue: SendQueue; readonly sent: number }[],
  states: ReadonlyMap<string, ReaderState>,
): void {
  const waiting: SendQueue[] = [];
  for (const { queue, sent } of asked) {
    const state = states.get(queue.peer);
    if (state === "drained") queue.release(sent);
    else if (state === "gone") queue.release(queue.bytes);
    if (queue.closed && queue.bytes === 0) queue.drop();
    if (queue.closed || state === undefined || queue.bytes < SPARED_BYTES) continue;
    if (state === "stalled") queue.condemned = true;
    else if (state === "slow") waiting.push(queue);
  }
  let open = 0;
  for (const queue of process.queues.values()) if (!queue.closed && !queue.condemned) open += queue.bytes;
  for (const queue of waiting.sort((a, b) => b.bytes - a.bytes)) {
    if (open <= PAUSE_BYTES) break;
    queue.condemned = true;
    open -= queue.bytes;
  }
}
