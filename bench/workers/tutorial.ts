import { DurableObject } from "cloudflare:workers";

/** A room as tutorials write it: sockets in a Set, state in memory, a send a message to each socket. */
export class TutorialRoom extends DurableObject {
  sockets = new Set<WebSocket>();
  messages = 0;

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response("Expected a WebSocket", { status: 426 });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    this.sockets.add(server);
    server.addEventListener("message", (event) => {
      this.messages += 1;
      this.broadcast(event.data);
    });
    server.addEventListener("close", () => {
      this.sockets.delete(server);
    });
    server.addEventListener("error", () => {
      this.sockets.delete(server);
    });
    return new Response(null, { status: 101, webSocket: client });
  }

  broadcast(message: string | ArrayBuffer): void {
    for (const socket of this.sockets) {
      try {
        socket.send(message);
      } catch {
        this.sockets.delete(socket);
      }
    }
  }
}
