import { admit } from "../admission.ts";
import type { EdgeOptions } from "../options.ts";
import type { Resource } from "../resource.ts";
import { read } from "./read.ts";
import { append, create, remove } from "./write.ts";

/** A stream as the Durable Streams protocol has it: `/v1/stream/<any path>`. */
export function durableResource<Env>(options: EdgeOptions<Env>): Resource {
  const { authorize, publicStreams = () => authorize === undefined } = options;
  return {
    path: "",
    methods: {
      GET: { needs: "read", run: (visit) => read(visit, async () => publicStreams(visit.id, visit.env as Env)) },
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
