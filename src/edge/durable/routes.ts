import type { Resource } from "../resource.ts";
import { read } from "./read.ts";
import { append, create, remove } from "./write.ts";

/** A stream as the Durable Streams protocol has it: `/v1/stream/<any path>`. */
export const DURABLE: Resource = {
  path: "",
  methods: {
    GET: { needs: "read", run: read },
    PUT: { needs: "write", run: create },
    POST: { needs: "write", run: append },
    DELETE: { needs: "write", run: remove },
  },
};
