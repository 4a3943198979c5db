import type { StreamStub } from "../options.ts";
import type { Visit } from "../resource.ts";

/** The room of a route: such routes are only put before namespaces of streams. */
export function durableOf(visit: Visit): StreamStub {
  return visit.room as StreamStub;
}
