import { withClock } from "./clock.ts";
import { createCounter, createRoutes, defineKind, roomOf, type Authorize, type Pointer } from "roomcast/server";
import * as app from "../../../app/worker.ts";

/**
 * The Worker of the fixtures: the application's own classes under their own names, and in addition users, who say by the
 * query who they are; a kind of its own; and pauses and limits small enough that a small fixture has archived segments.
 */
interface Env {
  readonly DOCUMENTS: DurableObjectNamespace<Documents>;
  readonly CHATS: DurableObjectNamespace<Chats>;
  readonly MAPS: DurableObjectNamespace<Maps>;
  readonly STREAMS: DurableObjectNamespace<Streams>;
  readonly COUNTERS: DurableObjectNamespace<Counters>;
  readonly ARCHIVE: R2Bucket;
  readonly EVENTS: Queue<Pointer>;
  readonly STATS: D1Database;
  readonly RATES: DurableObjectNamespace<app.RateLimiter>;
}

type AppEnv = ConstructorParameters<typeof app.Streams>[1];

/** Messages of a conversation come as fast as the recorder sends them. */
const CHAT_RATES = { chat: { burst: 1_000, every: 1 }, "chat-person": { burst: 1_000, every: 1 } };

export class Documents extends app.Documents {
  constructor(ctx: DurableObjectState, env: AppEnv) {
    super(withClock(ctx), env);
  }
}

export class Chats extends app.Chats {
  override readonly rates = CHAT_RATES;

  constructor(ctx: DurableObjectState, env: AppEnv) {
    super(withClock(ctx), env);
  }
}

export class Maps extends app.Maps {
  constructor(ctx: DurableObjectState, env: AppEnv) {
    super(withClock(ctx), env);
  }
}

export class Streams extends app.Streams {
  override readonly retention = { ops: 40 };
  protected override readonly pauses = { archive: 100, forward: 100, again: 30_000 };

  constructor(ctx: DurableObjectState, env: AppEnv) {
    super(withClock(ctx), env);
  }
}

interface Count {
  readonly count: number;
  readonly by: readonly string[];
}

const counter = defineKind({
  name: "counter",
  version: 1,
  initial: (): Count => ({ count: 0, by: [] }),
  decide: (_state: Count, intent: { readonly add: number }, { user }) =>
    intent.add === 0 ? [] : [{ add: intent.add, by: user?.id ?? "nobody" }],
  fold: (state, op: { readonly add: number; readonly by: string }) => ({
    count: state.count + op.add,
    by: state.by.includes(op.by) ? state.by : [...state.by, op.by],
  }),
});

export class Counters extends roomOf(counter) {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(withClock(ctx), env);
  }
}

export { RateLimiter } from "../../../app/worker.ts";

/** `?user=ada` is Ada. `?guest` may read and write only; everybody else may administer too. */
const authorize: Authorize<Env> = ({ request }) => {
  const { searchParams } = new URL(request.url);
  const id = searchParams.get("user");
  return {
    ...(id === null ? {} : { user: { id, name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}` } }),
    can: searchParams.has("guest") ? ["read", "write"] : ["read", "write", "admin"],
  };
};

const routes = createRoutes<Env>({
  documents: (env) => env.DOCUMENTS,
  chats: (env) => env.CHATS,
  maps: (env) => env.MAPS,
  streams: (env) => env.STREAMS,
  rooms: { counter: (env) => env.COUNTERS },
  stats: (env) => env.STATS,
  streamOrigins: () => ["*"],
  publicStreams: () => true,
  rates: (env) => env.RATES,
  authorize,
});

const count = createCounter<Env>({ streams: (env) => env.STREAMS, stats: (env) => env.STATS });

export default {
  async fetch(request, env, ctx) {
    return (await routes.fetch(request, env, ctx)) ?? new Response("Not found", { status: 404 });
  },
  queue: (batch, env) => count.queue(batch, env),
} satisfies ExportedHandler<Env, Pointer>;
