import { createWorker, StreamRoom } from "../../src/server.ts";

interface Env {
  readonly STREAMS: DurableObjectNamespace<Streams>;
}

/** Streams that keep all that a run appends. */
export class Streams extends StreamRoom<Env> {
  override readonly retention = { ops: 5_000_000, bytes: 4 * 1024 * 1024 * 1024 };
}

export default createWorker<Env>({ streams: (env) => env.STREAMS });
