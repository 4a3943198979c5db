import { stream } from "roomcast";
import type { TrafficEvent } from "../../../src/testing/traffic.ts";
import type { Json } from "../lib/json.ts";
import { rooms } from "../roomcast.ts";
import type { Follow } from "./feed.ts";

/** A site's stream, as its page uses it. */
export interface Site {
  readonly follow: Follow;
  readonly publish: (events: readonly TrafficEvent[]) => Promise<void>;
}

/** Connects to nothing before it is followed. */
export function openSite(id: string): Site {
  const handle = stream<Json>(rooms.lend, id);
  return {
    follow: (options, listener) => {
      const letGo = rooms.lend.hold(handle);
      const subscription = handle.subscribe(listener, options);
      return {
        retry: () => subscription.retry(),
        close: () => {
          subscription.close();
          letGo();
        },
      };
    },
    publish: (events) => handle.publish(events as unknown as readonly Json[]),
  };
}
