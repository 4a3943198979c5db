import {
  ChatRoom,
  createRoutes,
  DocumentRoom,
  KeptStreamRoom,
  MapRoom,
  RateLimiter,
  type Authorize,
  type Pointer,
} from "roomcast/server";

interface Env {
  readonly ASSETS: Fetcher;
  readonly DOCUMENTS: DurableObjectNamespace<Documents>;
  readonly CHATS: DurableObjectNamespace<Chats>;
  readonly MAPS: DurableObjectNamespace<Maps>;
  readonly STREAMS: DurableObjectNamespace<Streams>;
  /** Where the streams' events are kept for good. */
  readonly ARCHIVE: R2Bucket;
  /** Tells the Worker of counter.ts that there are events to be counted. */
  readonly EVENTS: Queue<Pointer>;
  /** What it has counted. */
  readonly STATS: D1Database;
  readonly RATES: DurableObjectNamespace<RateLimiter>;
  /** An OSRM server, such as http://127.0.0.1:5000, for meeting points by road. */
  readonly ROUTING_URL?: string;
  /** How long a long poll of a stream waits, in milliseconds. */
  readonly LONG_POLL_MS?: string;
  /** Whoever adds `?moderator=<this>` to a chat's address moderates it. Nobody does where it is not set. */
  readonly MODERATOR_KEY?: string;
}

/** A live JSON document for each name. */
export class Documents extends DocumentRoom {}

/** A chat for each name, or for those who have its link. */
export class Chats extends ChatRoom {}

/** A collaborative map for each name. */
export class Maps extends MapRoom {}

/** A stream of events for each site: archived, and counted by the Worker of counter.ts. */
export class Streams extends KeptStreamRoom<Env> {
  protected override readonly bucket = this.env.ARCHIVE;
  protected override readonly queue = this.env.EVENTS;

  protected override sibling(name: string) {
    return this.env.STREAMS.getByName(name);
  }
}

/** Counts what each network address writes, in all rooms together. Rooms find it by the name of its binding. */
export { RateLimiter };

/** Everybody may do everything, except that a chat is moderated by those who have the key. */
const authorize: Authorize<Env> = ({ kind, request, env }) => {
  const key = new URL(request.url).searchParams.get("moderator");
  const moderates = env.MODERATOR_KEY !== undefined && key === env.MODERATOR_KEY;
  return { can: kind === "chat" && !moderates ? ["read", "write"] : ["read", "write", "admin"] };
};

const routes = createRoutes<Env>({
  documents: (env) => env.DOCUMENTS,
  chats: (env) => env.CHATS,
  maps: (env) => env.MAPS,
  streams: (env) => env.STREAMS,
  stats: (env) => env.STATS,
  // Sites of any origin may publish here.
  streamOrigins: () => ["*"],
  // `authorize` lets everybody read them.
  publicStreams: () => true,
  longPollMs: (env) => (env.LONG_POLL_MS === undefined ? undefined : Number(env.LONG_POLL_MS)),
  rates: (env) => env.RATES,
  routing: (env) => env.ROUTING_URL,
  authorize,
});

export default {
  async fetch(request, env, ctx) {
    const answer = (await routes.fetch(request, env, ctx)) ?? routes.notFound(request);
    if (answer !== undefined) return answer;
    // The page has paths among the rooms', and none here.
    if (new URL(request.url).pathname.startsWith("/api/")) {
      const error = { code: "not_found", message: "There is no such route." };
      return Response.json({ error }, { status: 404 });
    }
    return env.ASSETS.fetch(request);
  },
} satisfies ExportedHandler<Env>;
