import { routePartykitRequest } from "partyserver";
import type { PartyRoom } from "./party.ts";
import type { SqlRoom } from "./tutorial-sql.ts";
import type { TutorialRoom } from "./tutorial.ts";

export { PartyRoom } from "./party.ts";
export { SqlRoom } from "./tutorial-sql.ts";
export { TutorialRoom } from "./tutorial.ts";

export interface Env {
  readonly TUTORIAL: DurableObjectNamespace<TutorialRoom>;
  readonly SQL: DurableObjectNamespace<SqlRoom>;
  readonly Party: DurableObjectNamespace<PartyRoom>;
}

/** Routes `/<contestant>/<room>` to its room; the benchmark's own questions are under `/<contestant>/<room>/...`. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const [, contestant, name = ""] = url.pathname.split("/");
    switch (contestant) {
      case "tutorial":
        return env.TUTORIAL.getByName(name).fetch(request);
      case "sql":
        if (url.pathname.endsWith("/rows")) return Response.json({ rows: await env.SQL.getByName(name).rows() });
        return env.SQL.getByName(name).fetch(request);
      case "parties":
        return (await routePartykitRequest(request, { Party: env.Party })) ?? new Response("Not found", { status: 404 });
      default:
        return new Response("Not found", { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
