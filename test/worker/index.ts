import { DurableObject } from "cloudflare:workers";

export { Counters, Documents, Feeds, Labs, ShortCounters, ShortFeeds, SmallLabs } from "./rooms.ts";
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
} satisfies ExportedHandler;
