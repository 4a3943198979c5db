import { DurableObject } from "cloudflare:workers";
import { createRoutes, StreamRoom } from "../../src/server.ts";

interface Env {
  readonly STREAMS: DurableObjectNamespace<Streams>;
  readonly TUTORIAL: DurableObjectNamespace<TutorialEvents>;
}

/** By object: it may sleep, and its isolate stays. */
const rowsWritten = new Map<string, number>();

/** Keeps all that is published, and counts the rows that it writes, as the platform bills them. */
export class Streams extends StreamRoom {
  override readonly retention = { ops: 5_000_000, bytes: 2 * 1024 * 1024 * 1024 };
  readonly #cursors = new Set<{ readonly rowsWritten: number }>();
  // Held so that the patched object is not collected and made anew without the patch.
  readonly #sql = this.#count(this.ctx.storage.sql);

  #count(sql: SqlStorage): SqlStorage {
    const exec = sql.exec.bind(sql);
    const counted: SqlStorage["exec"] = (query, ...bindings) => {
      const cursor = exec<Record<string, SqlStorageValue>>(query, ...bindings);
      if (!/^\s*SELECT/i.test(query)) this.#cursors.add(cursor);
      if (this.#cursors.size >= 10) this.#sum();
      // The caller's own row type, which this wrapper cannot know.
      return cursor as ReturnType<typeof exec<never>>;
    };
    Object.defineProperty(sql, "exec", { value: counted });
    return sql;
  }

  #sum(): void {
    const id = this.ctx.id.toString();
    let rows = rowsWritten.get(id) ?? 0;
    for (const cursor of this.#cursors) rows += cursor.rowsWritten;
    rowsWritten.set(id, rows);
    this.#cursors.clear();
  }

  /** Rows written since the server started, and the size of its database in bytes. */
  async counts(): Promise<{ readonly rows: number; readonly bytes: number }> {
    this.#sum();
    return { rows: rowsWritten.get(this.ctx.id.toString()) ?? 0, bytes: this.#sql.databaseSize };
  }
}

/** A room of events as tutorials write it: a POST an event, sockets in a Set, a send an event to each of them. */
export class TutorialEvents extends DurableObject {
  sockets = new Set<WebSocket>();

  override async fetch(request: Request): Promise<Response> {
    if (request.method === "POST") {
      const event = await request.text();
      for (const socket of this.sockets) {
        try {
          socket.send(event);
        } catch {
          this.sockets.delete(socket);
        }
      }
      return new Response("ok");
    }
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    this.sockets.add(server);
    server.addEventListener("close", () => this.sockets.delete(server));
    server.addEventListener("error", () => this.sockets.delete(server));
    return new Response(null, { status: 101, webSocket: client });
  }
}

const routes = createRoutes<Env>({ streams: (env) => env.STREAMS });

export default {
  async fetch(request, env, ctx) {
    const [, first, id = ""] = new URL(request.url).pathname.split("/");
    if (first === "tutorial") return env.TUTORIAL.getByName(id).fetch(request);
    if (first === "counts") return Response.json(await env.STREAMS.getByName(id).counts());
    if (first === "page") return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    return (await routes.fetch(request, env, ctx)) ?? new Response("not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
