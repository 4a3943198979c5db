import type { MemorySocket, SocketPeer } from "../../src/room/host/memory/socket.ts";
import { PING, PONG } from "../../src/protocol/version.ts";
import type { SimulatedObject } from "./object.ts";
import type { Tunnel } from "./platform/tunnel.ts";
import type { Chance } from "./random.ts";
import type { Timeline } from "./platform/timeline.ts";

type Frame = string | ArrayBuffer | ArrayBufferView;

/** What a client of the network is handed. */
interface Listener extends SocketPeer {
  opened(): void;
}

/** How a connection is cut: both ends are told, one is, or neither. */
export type Cut = "both" | "client" | "server" | "neither";

/** The socket that the Worker made at an upgrade, and the object that has the room's end of it. */
export interface Upgraded {
  readonly tunnel: Tunnel;
  readonly socket: MemorySocket | undefined;
  readonly object: SimulatedObject | undefined;
}

/**
 * One connection: frames keep their order in each direction and take their time. Until it is cut, none is lost; from then
 * on all are.
 */
export class Link {
  readonly client: string;
  /** Sees the frames that arrive. */
  readonly tap: ((direction: "up" | "down", data: Frame) => void) | undefined;
  #listener: Listener;
  #timeline: Timeline;
  #chance: Chance;
  #upgraded: Upgraded | undefined;
  #latency: number;
  #lastUp = 0;
  #lastDown = 0;
  #cut = false;
  #stalled: (() => void)[] | undefined;
  #clientClosed = false;
  #serverKnows = false;
  readonly over: () => void;

  constructor(options: {
    readonly client: string;
    readonly listener: Listener;
    readonly timeline: Timeline;
    readonly chance: Chance;
    readonly latency: number;
    readonly over: () => void;
    readonly tap?: (direction: "up" | "down", data: Frame) => void;
  }) {
    this.client = options.client;
    this.#listener = options.listener;
    this.#timeline = options.timeline;
    this.#chance = options.chance;
    this.#latency = options.latency;
    this.over = options.over;
    this.tap = options.tap;
  }

  /** Connects to where `upgrade` leads, unless the network is cut meanwhile. */
  open(upgrade: () => Promise<Upgraded | undefined>): void {
    const refuse = (): void => this.#connect(undefined);
    this.#up(() => {
      upgrade().then((upgraded) => this.#connect(upgraded), refuse);
    });
  }

  send(data: string | ArrayBuffer): void {
    this.#up(() => {
      const { socket, object } = this.#upgraded ?? {};
      if (socket === undefined || object === undefined || socket.state === "closed") return;
      this.tap?.("up", data);
      if (data === PING) {
        socket.pingedAt = this.#timeline.time + object.skew;
        this.#down(() => this.#listener.frame(PONG));
      } else object.receive(socket, data);
    });
  }

  /** The client closes. */
  close(code: number): void {
    if (this.#clientClosed) return;
    this.#up(() => {
      this.#hangUp(code);
      this.#down(() => this.#closeClient(code, ""));
    });
  }

  cut(who: Cut): void {
    if (this.#cut) return;
    this.#cut = true;
    if (who === "both" || who === "client")
      this.#timeline.after(this.#chance.next() * 20, () => this.#closeClient(1006, ""));
    if (who === "both" || who === "server") this.#timeline.after(this.#chance.next() * 20, () => this.#hangUp(1006));
  }

  /** After a cut that the client has not noticed: now it does. `told`: the room too, which else has to find out by itself. */
  heal(told: boolean): void {
    this.resume();
    if (!this.#cut) return;
    this.#closeClient(1006, "");
    if (told) this.#hangUp(1006);
  }

  get stalled(): boolean {
    return this.#stalled !== undefined;
  }

  /** The client reads nothing until `resume`. */
  stall(): void {
    this.#stalled ??= [];
  }

  resume(): void {
    const waiting = this.#stalled;
    this.#stalled = undefined;
    for (const arrive of waiting ?? []) arrive();
  }

  #connect(upgraded: Upgraded | undefined): void {
    const vanish = (): void => {
      this.#serverKnows = true;
      this.#down(() => this.#closeClient(1006, ""));
    };
    if (upgraded === undefined) return vanish();
    this.#upgraded = upgraded;
    const { tunnel, socket, object } = upgraded;
    if (this.#cut || this.#clientClosed) {
      if (socket !== undefined) object?.hangUp(socket, 1006);
      return;
    }
    if (socket !== undefined) {
      // The machine ended: the network tells the client, sooner or later.
      socket.broken = vanish;
      if (socket.state === "closed") vanish();
    }
    this.#down(() => this.#listener.opened());
    tunnel.attach({
      frame: (data) =>
        this.#down(() => {
          this.tap?.("down", data);
          this.#listener.frame(data);
        }),
      closed: (code, reason) =>
        this.#down(() => {
          this.#closeClient(code, reason);
          this.#up(() => this.#hangUp(code));
        }),
    });
  }

  #hangUp(code: number): void {
    const { socket, object } = this.#upgraded ?? {};
    if (socket !== undefined) object?.hangUp(socket, code);
    this.#serverKnows = true;
    if (this.#clientClosed) this.over();
  }

  #closeClient(code: number, reason: string): void {
    if (this.#clientClosed) return;
    this.#clientClosed = true;
    if (this.#serverKnows) this.over();
    this.#listener.closed(code, reason);
  }

  #up(arrive: () => void): void {
    this.#lastUp = Math.max(this.#lastUp, this.#timeline.time + this.#delay());
    this.#timeline.after(this.#lastUp - this.#timeline.time, () => {
      if (!this.#cut) arrive();
    });
  }

  #down(arrive: () => void): void {
    this.#lastDown = Math.max(this.#lastDown, this.#timeline.time + this.#delay());
    this.#timeline.after(this.#lastDown - this.#timeline.time, () => {
      if (this.#cut || this.#clientClosed) return;
      if (this.#stalled === undefined) arrive();
      else this.#stalled.push(() => !this.#cut && !this.#clientClosed && arrive());
    });
  }

  #delay(): number {
    return this.#latency * (0.5 + this.#chance.next());
  }
}

/** How a client reaches the Worker. */
export interface Route {
  open(address: string, protocols: readonly string[], listener: Listener): Link;
}

/** A WebSocket class as browsers have it, whose connections are links of `route`. */
export function webSocketClass(route: Route): new (
  address: string,
  protocol?: string | readonly string[],
) => {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
} {
  return class {
    readyState = 0;
    binaryType = "arraybuffer";
    readonly #listeners = new Map<string, ((event: unknown) => void)[]>();
    readonly #link: Link;

    constructor(address: string, protocol: string | readonly string[] = []) {
      this.#link = route.open(address, [protocol].flat(), {
        opened: () => {
          if (this.readyState !== 0) return;
          this.readyState = 1;
          this.#emit("open", {});
        },
        frame: (data) => {
          if (this.readyState === 1) this.#emit("message", { data });
        },
        closed: (code, reason) => {
          if (this.readyState === 3) return;
          this.readyState = 3;
          this.#emit("close", { code, reason });
        },
      });
    }

    addEventListener(type: string, listener: (event: never) => void): void {
      const listeners = this.#listeners.get(type) ?? [];
      listeners.push(listener as (event: unknown) => void);
      this.#listeners.set(type, listeners);
    }

    send(text: string): void {
      if (this.readyState === 0) throw new Error("The socket is still connecting.");
      if (this.readyState === 1) this.#link.send(text);
    }

    close(): void {
      if (this.readyState >= 2) return;
      this.readyState = 2;
      this.#link.close(1005);
    }

    #emit(type: string, event: unknown): void {
      for (const listener of this.#listeners.get(type) ?? []) listener(event);
    }
  };
}
