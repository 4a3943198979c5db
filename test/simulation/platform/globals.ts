import { gunzipSync, gzipSync } from "node:zlib";
import { MemorySocket } from "../../../src/room/host/memory/socket.ts";
import type { Chance } from "../random.ts";
import type { Timeline } from "./timeline.ts";
import { Tunnel } from "./tunnel.ts";

/** What globals refer to while a conversation runs. One at a time: they are the process's. */
interface Scene {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

let scene: Scene | undefined;

function current(): Scene {
  if (scene === undefined) throw new Error("No conversation is running.");
  return scene;
}

/** Makes clocks, timers, chance and the network those of a conversation. */
export function enter(next: Scene): void {
  scene = next;
  install();
}

let installed = false;

function install(): void {
  if (installed) return;
  installed = true;
  const real = { Response: globalThis.Response };

  class SwitchingResponse extends real.Response {
    constructor(body?: BodyInit | null, init: ResponseInit & { readonly webSocket?: Tunnel } = {}) {
      const { webSocket, ...rest } = init;
      super(body ?? null, webSocket === undefined ? rest : { ...rest, status: 200 });
      Object.defineProperty(this, "webSocket", { value: webSocket ?? null });
      if (webSocket !== undefined) Object.defineProperty(this, "status", { value: 101 });
    }
  }

  const timers = new WeakMap<object, () => void>();
  const setTimer = (work: () => void, delay = 0): object => {
    const timer = { unref: () => timer, ref: () => timer };
    timers.set(timer, current().timeline.after(delay, work));
    return timer;
  };
  const clearTimer = (timer: unknown): void => {
    if (typeof timer === "object" && timer !== null) timers.get(timer)?.();
  };
  const replace = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  replace("Response", SwitchingResponse);
  replace("WebSocketPair", pair);
  replace("setTimeout", setTimer);
  replace("clearTimeout", clearTimer);
  replace("scheduler", { wait: (delay: number) => new Promise<void>((resolve) => void setTimer(resolve, delay)) });
  replace("fetch", (input: string | URL | Request, init?: RequestInit) => current().fetch(input, init));
  replace("CompressionStream", gzipping);
  replace("DecompressionStream", gunzipping);
  Date.now = () => Math.floor(current().timeline.time);
  performance.now = () => current().timeline.time;
  Math.random = () => current().chance.next();
  crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    if (array === null) return array;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = current().chance.below(256);
    return array;
  };
}

// Constructors by what they return: a class may not have its constructor alone.
function pair(): { readonly 0: Tunnel; readonly 1: MemorySocket } {
  const tunnel = new Tunnel();
  tunnel.socket = new MemorySocket(tunnel);
  return { 0: tunnel, 1: tunnel.socket };
}

function gzipping(): TransformStream<Uint8Array, Uint8Array> {
  return packing((bytes) => gzipSync(bytes));
}

function gunzipping(): TransformStream<Uint8Array, Uint8Array> {
  return packing((bytes) => gunzipSync(bytes));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The real ones work on other threads, so that their results would come at another moment each time. */
function packing(pack: (bytes: Uint8Array) => Uint8Array): TransformStream<Uint8Array, Uint8Array> {
  const pieces: Uint8Array[] = [];
  return new TransformStream({
    transform: (piece) => void pieces.push(piece),
    flush: (controller) => controller.enqueue(new Uint8Array(pack(joined(pieces)))),
  });
}
