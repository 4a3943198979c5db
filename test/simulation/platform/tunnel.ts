import type { MemorySocket, SocketPeer } from "../../../src/room/host/memory/socket.ts";

type Frame = string | ArrayBuffer | ArrayBufferView;

/** The Worker's end of a socket to a room, which it hands on to the network. Keeps what comes before that. */
export class Tunnel implements SocketPeer {
  /** The other end of the pair. */
  socket: MemorySocket | undefined;
  #to: SocketPeer | undefined;
  readonly #early: ((to: SocketPeer) => void)[] = [];

  /** Hands everything to `to`, in order, from the first frame on. */
  attach(to: SocketPeer): void {
    this.#to = to;
    for (const pass of this.#early.splice(0)) pass(to);
  }

  frame(data: Frame): void {
    this.#pass((to) => to.frame(data));
  }

  closed(code: number, reason: string): void {
    this.#pass((to) => to.closed(code, reason));
  }

  #pass(pass: (to: SocketPeer) => void): void {
    if (this.#to === undefined) this.#early.push(pass);
    else pass(this.#to);
  }
}
