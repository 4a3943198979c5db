import { DurableObject } from "cloudflare:workers";

/** The same room as the platform's guides advise: hibernatable sockets, and every message stored with one insert. */
export class SqlRoom extends DurableObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, at INTEGER, body TEXT)");
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response("Expected a WebSocket", { status: 426 });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    this.ctx.storage.sql.exec("INSERT INTO messages (at, body) VALUES (?, ?)", Date.now(), message);
    for (const socket of this.ctx.getWebSockets()) {
      try {
        socket.send(message);
      } catch {
        // A socket that is closing: the platform tells of its end itself.
      }
    }
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }
}
