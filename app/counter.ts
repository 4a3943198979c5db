import { createCounter } from "roomcast/server";
import type { Streams } from "./worker.ts";

interface Env {
  readonly STREAMS: DurableObjectNamespace<Streams>;
  readonly STATS: D1Database;
}

/** Counts events by site, minute, type and page, and visitors. */
export default createCounter<Env>({ streams: (env) => env.STREAMS, stats: (env) => env.STATS });
