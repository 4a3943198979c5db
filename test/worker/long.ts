import { createRoutes, DocumentRoom, Room } from "../../src/server.ts";
import { feed } from "./kinds/feed.ts";

/** The Worker of the tests that run on the real server, for long or with much data. */
interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<Documents>;
  readonly FEEDS: DurableObjectNamespace<Feeds>;
}

export class Documents extends DocumentRoom {
  /** New whenever the object is: a sleep shows in it. */
  readonly #life = crypto.randomUUID();

  async life(): Promise<string> {
    return this.#life;
  }
}

type Count = { readonly count: number };
type Entry = { readonly text: string };

/** Keeps all that a test publishes, so that whoever stalls is owed all of it. */
export class Feeds extends Room<Count, Entry, Entry> {
  override readonly kind = feed;
  override readonly retention = { ops: 1_000_000, bytes: 1024 * 1024 * 1024 };
}

const routes = createRoutes<Env>({ documents: (env) => env.DOCUMENTS, rooms: { feed: (env) => env.FEEDS } });

export default {
  async fetch(request, env, ctx) {
    const [, kind, id] = /^\/(life)\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    if (kind === "life" && id !== undefined) return new Response(await env.DOCUMENTS.getByName(id).life());
    return (await routes.fetch(request, env, ctx)) ?? new Response("not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
