import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly COUNTERS: DurableObjectNamespace<Counter>;
  readonly BUCKET: R2Bucket;
  readonly DB: D1Database;
  readonly QUEUE: Queue<string>;
  readonly GREETING: string;
}

export class Counter extends DurableObject<Env> {
  async add(amount: number): Promise<number> {
    const sum = ((await this.ctx.storage.get<number>("sum")) ?? 0) + amount;
    await this.ctx.storage.put("sum", sum);
    return sum;
  }

  override async fetch(): Promise<Response> {
    const pair = new WebSocketPair();
    this.ctx.acceptWebSocket(pair[1]);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    socket.send(message);
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/api/hello":
        return Response.json({
          greeting: env.GREETING,
          address: request.headers.get("cf-connecting-ip"),
          url: request.url,
        });
      case "/api/count":
        return Response.json({ sum: await env.COUNTERS.getByName("one").add(1) });
      case "/api/jobs":
        return Response.json({ sum: await env.COUNTERS.getByName("jobs").add(0) });
      case "/api/socket":
        return env.COUNTERS.getByName("one").fetch(request);
      case "/api/bucket":
        if (request.method === "PUT") await env.BUCKET.put("key", request.body);
        return new Response((await env.BUCKET.get("key"))?.body ?? null);
      case "/api/database":
        await env.DB.exec("CREATE TABLE IF NOT EXISTS visits (at INTEGER)");
        await env.DB.prepare("INSERT INTO visits VALUES (?)").bind(Date.now()).run();
        return Response.json(await env.DB.prepare("SELECT count(*) AS visits FROM visits").first());
      case "/api/queue":
        await env.QUEUE.send("job");
        return new Response("queued");
      case "/api/throw":
        throw new Error("a secret detail");
      case "/api/slow":
        console.log("slow begins");
        await scheduler.wait(1000);
        return new Response("slow");
      default:
        return new Response("not found", { status: 404 });
    }
  },
  async queue(batch, env) {
    await env.COUNTERS.getByName("jobs").add(batch.messages.length);
  },
} satisfies ExportedHandler<Env, string>;
