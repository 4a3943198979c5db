import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import { SDK } from "../../src/sdk/built.ts";
import type { SiteEvent } from "../../src/sdk/types.ts";

/** One request to /publish. */
export interface Post {
  readonly method: string;
  readonly mode: string;
  readonly type: string;
  readonly events: readonly SiteEvent[];
}

/** The answer to a post: a status, or `cut` to end the connection when the body has been read. */
export type Verdict = number | "cut";

/** A web site with the script on every page, and beside it, under another origin, what takes its events. */
export class Site {
  readonly posts: Post[] = [];
  /** The verdicts of the next posts; 200 when there is none. A promise delays the answer. */
  readonly verdicts: (Verdict | Promise<Verdict>)[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Site> {
    const server = createServer();
    const site = new Site(server);
    server.on("request", (request, response) => {
      void site.#answer(request).then((answer) => {
        if (answer === "cut") return request.socket.destroy();
        response.writeHead(answer.status, { "content-type": answer.type, "access-control-allow-origin": "*" });
        return response.end(answer.text);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** What has arrived, each event as often as it was taken. */
  get taken(): readonly SiteEvent[] {
    return this.posts.flatMap(({ events }) => events);
  }

  /** Resolves when `enough` of what has arrived. */
  async until(enough: (posts: readonly Post[]) => boolean): Promise<void> {
    while (!enough(this.posts)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage): Promise<"cut" | { status: number; type: string; text: string }> {
    const path = request.url ?? "";
    if (path === "/live/sdk.js") return { status: 200, type: "text/javascript", text: SDK };
    if (path !== "/live/publish") return { status: 200, type: "text/html", text: this.#page() };
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
    this.posts.push({
      method: request.method ?? "",
      mode: String(request.headers["sec-fetch-mode"]),
      type: String(request.headers["content-type"]),
      events: text === "" ? [] : (JSON.parse(text) as SiteEvent[]),
    });
    const verdict = this.verdicts.shift() ?? 200;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    const status = await verdict;
    return status === "cut" ? status : { status, type: "text/plain", text: "ok" };
  }

  // `localhost` and `127.0.0.1` are two origins.
  #page(): string {
    const script = `http://localhost:${this.#port}/live/sdk.js`;
    return `<!doctype html><title>Shop</title><script src="${script}" data-site="shop" defer></script>`;
  }
}
