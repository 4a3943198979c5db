import { deserialize, serialize } from "node:v8";
import type { HostSocket } from "../host.ts";

/** The platform's bound. */
const ATTACHMENT_BYTES = 16_384;

/** Where a socket's frames go, and how it is closed. */
export interface SocketPeer {
  frame(data: string | ArrayBuffer | ArrayBufferView): void;
  closed(code: number, reason: string): void;
}

/** The room's end of a socket. It is the host's, so it outlives the room's memory. */
export class MemorySocket implements HostSocket {
  /** `closing`: the room has closed it, and its peer has not answered yet. */
  state: "open" | "closing" | "closed" = "open";
  /** When a ping was last answered for the room, in milliseconds since 1970; 0 for never. */
  pingedAt = 0;
  /** Passes on what the room sends, once it may leave; see `Host.durable`. */
  gate: (leave: () => void) => void = (leave) => leave();
  /** Called when the object ends without a word. */
  broken: (() => void) | undefined;
  readonly #peer: SocketPeer;
  #attachment: Uint8Array | undefined;

  constructor(peer: SocketPeer) {
    this.#peer = peer;
  }

  /** What a Worker does to a socket that it keeps. */
  accept(): void {}

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (this.state !== "open") throw new TypeError("Can't call WebSocket send() after close().");
    this.gate(() => this.#peer.frame(data));
  }

  close(code = 1005, reason = ""): void {
    if (code !== 1005 && code !== 1000 && (code < 3000 || code > 4999)) throw new TypeError("Invalid close code.");
    if (new TextEncoder().encode(reason).length > 123) throw new TypeError("The close reason is too long.");
    if (this.state !== "open") return;
    this.state = "closing";
    this.gate(() => this.#peer.closed(code, reason));
  }

  serializeAttachment(value: unknown): void {
    const bytes = serialize(value);
    if (bytes.length > ATTACHMENT_BYTES) {
      throw new Error(`A WebSocket's attachment may have ${ATTACHMENT_BYTES} bytes, not ${bytes.length}.`);
    }
    this.#attachment = bytes;
  }

  deserializeAttachment(): unknown {
    return this.#attachment === undefined ? null : (deserialize(this.#attachment) as unknown);
  }
}
