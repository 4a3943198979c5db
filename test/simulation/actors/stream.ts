import { stream as open } from "../../../src/client/stream.ts";
import type { StreamHandle, Subscription } from "../../../src/client/stream-types.ts";
import type { StreamOp } from "../../../src/kinds/stream/types.ts";
import type { Chance } from "../random.ts";
import type { Script } from "./script.ts";

export interface Event {
  readonly type: string;
  readonly token: string;
}

const TYPES = ["click", "view", "buy"];

const event = (chance: Chance, token: string): Event => ({ type: chance.pick(TYPES), token });

export const stream: Script<StreamHandle<Event>> = {
  binding: "STREAMS",
  path: (id) => `/stream/${id}`,
  open: (rooms, id) => open<Event>(rooms, id),
  mutate: (handle, chance, token, filler) => {
    const more = chance.happens(filler > 50_000 ? 0.8 : 0.3)
      ? [{ type: "view", token: "more", filler: "x".repeat(chance.below(filler)) }]
      : [];
    return { token, promise: handle.publish([event(chance, token), ...more]) };
  },
  request: (chance, token) => ({ path: "", body: JSON.stringify(event(chance, token)) }),
  tokens: (op: StreamOp) => {
    if (op.type !== "event") return [];
    const { token } = JSON.parse(op.event.data) as { readonly token?: string };
    return token === undefined || token === "more" ? [] : [token];
  },
  presence: () => ({}),
  shown: () => undefined,
  stored: () => undefined,
  simple: [
    {
      address: (id) => `/stream/${id}/ws`,
      hello: [],
      write: () => undefined,
      tokens: (frame) => {
        const { token } = JSON.parse(frame) as Partial<Event>;
        return token === undefined || token === "more" ? [] : [token];
      },
      completeFrom: () => 0,
    },
  ],
};

/** What somebody who subscribed was told. */
export class Reader {
  readonly filter: string | undefined;
  readonly from: "start" | "now";
  readonly events: (Event & { readonly position: string })[] = [];
  readonly resets: { readonly reason: string; readonly position: string; readonly after: number }[] = [];
  readonly subscription: Subscription;

  constructor(handle: StreamHandle<Event>, chance: Chance) {
    this.filter = chance.happens(0.5) ? `type:${chance.pick(TYPES)}` : undefined;
    this.from = chance.happens(0.6) ? "start" : "now";
    this.subscription = handle.subscribe((told, { position }) => this.events.push({ ...told, position }), {
      from: this.from,
      ...(this.filter === undefined ? {} : { filter: this.filter }),
      onReset: ({ reason, position }) => this.resets.push({ reason, position, after: this.events.length }),
    });
  }
}
