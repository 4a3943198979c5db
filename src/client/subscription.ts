import type { StreamOp } from "../kinds/stream/types.ts";
import type { Hello } from "../protocol/client/hello.ts";
import { formatVersion, parseVersion, type Position } from "../protocol/position.ts";
import type { Ops } from "../protocol/room/ops.ts";
import type { RoomMessage } from "../protocol/room/index.ts";
import type { Snapshot } from "../protocol/room/snapshot.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { errorOfClose, report, RoomcastError } from "./errors.ts";
import { randomText } from "./random.ts";
import { Socket } from "./socket.ts";
import { closedStatus, waitingStatus } from "./status.ts";
import type { EventInfo, StreamReset, SubscribeOptions, Subscription, SubscriptionStatus } from "./stream-types.ts";
import type { ConnectOptions } from "./types.ts";

/** What a subscription reports to its stream. */
export interface SubscriptionEvents {
  /** Over for good. */
  ended(): void;
  /** Something keeps it from being live, until `unobstructed`. */
  obstructed(error: RoomcastError): void;
  unobstructed(): void;
}

/** One subscription: a connection that comes back, and goes on where it was. */
export class StreamSubscription<E> implements Subscription {
  readonly #listener: (event: E, info: EventInfo) => void;
  readonly #options: SubscribeOptions;
  readonly #socket: Socket;
  readonly #client = randomText(32);
  readonly #events: SubscriptionEvents;
  /** Why it is not live, as far as anybody said. */
  #obstacle: RoomcastError | undefined;
  #status: SubscriptionStatus = { phase: "connecting" };
  #at: Position | undefined;
  /** Where the room stood at its welcome: up to there is replay. */
  #head = 0;
  #caughtUp = 0;
  #reset: StreamReset["reason"] | undefined;
  #running = false;

  /** Throws a TypeError for an invalid `from`. */
  constructor(
    address: () => Promise<string>,
    connect: ConnectOptions,
    listener: (event: E, info: EventInfo) => void,
    options: SubscribeOptions,
    events: SubscriptionEvents,
  ) {
    this.#listener = listener;
    this.#options = options;
    this.#events = events;
    const { from } = options;
    if (typeof from === "object" && "after" in from) {
      this.#at = parseVersion(from.after);
      if (this.#at === undefined) throw new TypeError(`Not a position: ${JSON.stringify(from.after)}`);
    }
    this.#socket = new Socket(address, connect.WebSocket, {
      opened: () => this.#hello(),
      frame: (text) => this.#frame(text),
      waiting: (attempt, retryAt, closeCode, reason) => {
        const error = errorOfClose(closeCode, reason, this.#obstacle);
        if (error) this.#obstructed(error);
        this.#setStatus(waitingStatus(attempt, retryAt, this.#obstacle));
      },
      failed: (error) => this.#obstructed(error),
      ended: (closeCode, reason) =>
        this.end(closedStatus(errorOfClose(closeCode, reason, this.#obstacle) ?? new RoomcastError("closed", reason))),
    });
  }

  get status(): SubscriptionStatus {
    return this.#status;
  }

  get position(): string | undefined {
    return this.#at && formatVersion(this.#at);
  }

  start(): void {
    if (this.#running || this.#status.phase === "closed") return;
    this.#running = true;
    this.#socket.start();
  }

  /** Disconnects, and keeps the position until the next `start`. */
  pause(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#socket.close();
    this.#setStatus({ phase: "connecting" });
  }

  retry(): void {
    this.#socket.retry();
  }

  close(): void {
    this.end({ phase: "closed", reason: "Closed by this client." });
  }

  #hello(): void {
    const hello: Hello = {
      t: "hello",
      v: PROTOCOL_VERSION,
      client: this.#client,
      ...(this.#at && { since: this.#at }),
      from: this.#from(),
      ...(this.#options.filter !== undefined && { filter: this.#options.filter }),
    };
    this.#socket.send(JSON.stringify(hello));
  }

  #from(): NonNullable<Hello["from"]> {
    const { from = "now" } = this.#options;
    // With a position: what is there comes after a reset, rather than nothing of it.
    if (this.#at !== undefined || from === "start" || (typeof from === "object" && "after" in from)) return "start";
    if (from === "now") return { last: 0 };
    return "last" in from ? from : { at: Number(from.at) };
  }

  #frame(text: string): void {
    try {
      for (const line of text.split("\n")) {
        if (!this.#running) return;
        this.#message(JSON.parse(line) as RoomMessage);
      }
    } catch (error) {
      report(error);
      this.#socket.drop();
    }
  }

  #message(message: RoomMessage): void {
    switch (message.t) {
      case "welcome":
        this.#head = message.head;
        this.#caughtUp = 0;
        this.#reset = message.resume === "reset" ? (message.reason ?? "epoch") : undefined;
        if (message.resume === "tail") this.#arrive();
        break;
      case "snapshot":
        this.#snapshot(message);
        break;
      case "ops":
        this.#ops(message);
        break;
      case "mark":
        this.#socket.send(JSON.stringify({ t: "ack", n: message.n }));
        break;
      case "presence":
      case "done":
        break;
      case "refused":
        // A close follows.
        this.#obstructed(new RoomcastError(message.code, message.message, message));
        break;
      default:
        // A newer room may say more.
        message satisfies never;
    }
  }

  /** Where ops begin, and why not where they were to. */
  #snapshot(message: Snapshot): void {
    const had = this.#at;
    const reason = message.reset ?? this.#reset;
    this.#reset = undefined;
    this.#at = { epoch: message.epoch, seq: message.seq };
    if (reason !== undefined) {
      const missed = had?.epoch === message.epoch && message.seq >= had.seq ? message.seq - had.seq : undefined;
      this.#tell(() => this.#options.onReset?.({ reason, position: formatVersion(message), missed }));
    }
    this.#arrive();
  }

  #ops({ seq: first, at, entries }: Ops): void {
    const had = this.#at;
    if (had === undefined || first > had.seq + 1) throw new Error(`Events from ${first}, after ${had?.seq}.`);
    let seq = first;
    for (const { ops, skip = 0 } of entries) {
      for (const op of ops as readonly StreamOp[]) {
        if (seq > had.seq && op.type === "event") {
          this.#at = { epoch: had.epoch, seq };
          const { data, visitor } = op.event;
          const replayed = this.#status.phase !== "live";
          if (replayed) this.#caughtUp += 1;
          const info = { position: `${had.epoch}.${seq}`, at, replayed, visitor, text: data };
          this.#tell(() => this.#listener(JSON.parse(data) as E, info));
          if (!this.#running) return;
        }
        seq += 1;
      }
      seq += skip;
    }
    if (seq - 1 > had.seq) this.#at = { epoch: had.epoch, seq: seq - 1 };
    this.#arrive();
  }

  #arrive(): void {
    if (!this.#running || this.#status.phase === "live" || this.#at === undefined || this.#at.seq < this.#head) return;
    this.#obstacle = undefined;
    this.#events.unobstructed();
    this.#setStatus({ phase: "live", caughtUp: this.#caughtUp });
  }

  /** Ends it for good, with this status. */
  end(status: SubscriptionStatus & { readonly phase: "closed" }): void {
    if (this.#status.phase === "closed") return;
    this.#running = false;
    this.#socket.close();
    this.#setStatus(status);
    this.#events.ended();
  }

  #obstructed(error: RoomcastError): void {
    this.#obstacle = error;
    this.#events.obstructed(error);
  }

  #setStatus(status: SubscriptionStatus): void {
    this.#status = status;
    this.#tell(() => this.#options.onStatus?.(status));
  }

  /** What a listener throws is its own affair. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      report(error);
    }
  }
}
