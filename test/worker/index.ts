import { DurableObject } from "cloudflare:workers";
import type { Pointer } from "../../src/room/archive/pointer.ts";
import { queue } from "./pipeline.ts";

export {
  Chats,
  Counters,
  Documents,
  Feeds,
  Labs,
  Rated,
  ShortChats,
  ShortCounters,
  ShortFeeds,
  SmallLabs,
  Maps,
  SmallMaps,
  ShortStreams,
  Streams,
  Unchecked,
} from "./rooms.ts";
export { ArchivedStreams, KeptStreams } from "./pipeline.ts";
export { RateLimiter } from "../../src/room/rates/limiter.ts";
export { Games } from "../../examples/tic-tac-toe/worker.ts";

/** Shows that the harness itself works: storage, hibernatable sockets, eviction. */
export class Probe extends DurableObject {
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") !== "websocket") return new Response("probe");
    const pair = new WebSocketPair();
    this.ctx.acceptWebSocket(pair[1]);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (message === "throw") throw new Error("thrown on purpose");
    socket.send(message);
  }
}

export default {
  fetch: () => new Response("roomcast test worker"),
  queue,
} satisfies ExportedHandler<Cloudflare.Env, Pointer>;
