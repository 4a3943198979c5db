import { admit } from "../admission.ts";
import type { EdgeOptions } from "../options.ts";
import type { Resource } from "../resource.ts";
import { read } from "./read.ts";
import { append, create, remove } from "./write.ts";

const LONG_POLL_MS = 20_000;

/** The Worker's own figure, where it is one. */
function checkLongPoll(ms: number | undefined): number {
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 ? ms : LONG_POLL_MS;
}

/** A stream as the Durable Streams protocol has it: `/v1/stream/<any path>`. */
export function durableResource<Env>(options: EdgeOptions<Env>): Resource {
  const { authorize, publicStreams = () => authorize === undefined, longPollMs } = options;
  return {
    path: "",
    methods: {
      GET: {
        needs: "read",
        run: (visit) => {
          const env = visit.env as Env;
          return read(visit, {
            isPublic: async () => publicStreams(visit.id, env),
            longPollMs: checkLongPoll(longPollMs?.(env)),
          });
        },
      },
      PUT: {
        needs: "write",
        run: (visit) =>
          create(visit, (id) =>
            admit(options, { request: visit.request, kind: visit.kind, id, env: visit.env as Env }),
          ),
      },
      POST: { needs: "write", run: append },
      // As clearing an event stream does, which is the same log.
      DELETE: { needs: "admin", run: remove },
    },
  };
}
