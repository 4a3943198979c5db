import { createRoutes, MapRoom } from "../../src/server.ts";
import { Counter } from "./counted.ts";
import type { Counts } from "./counts.ts";

interface Env {
  readonly MAPS: DurableObjectNamespace<Maps>;
}

/** A map that counts the rows it writes, alarms included. */
export class Maps extends MapRoom {
  readonly #counter = new Counter(this.ctx.storage.sql);
  #alarms = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const setAlarm = ctx.storage.setAlarm.bind(ctx.storage);
    Object.defineProperty(ctx.storage, "setAlarm", {
      value: (...args: Parameters<typeof setAlarm>) => {
        this.#alarms += 1;
        return setAlarm(...args);
      },
    });
  }

  async counts(): Promise<Counts> {
    const { rowsWritten, logRows } = this.#counter.counts();
    return { rowsWritten: rowsWritten + this.#alarms, logRows };
  }
}

const routes = createRoutes<Env>({ maps: (env) => env.MAPS });

/** The routes of maps, and `/counts/<map>`. */
export default {
  async fetch(request, env, ctx): Promise<Response> {
    const [, name = ""] = /^\/counts\/(.+)$/.exec(new URL(request.url).pathname) ?? [];
    if (name !== "") return Response.json(await env.MAPS.getByName(name).counts());
    return (await routes.fetch(request, env, ctx)) ?? new Response("Not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
