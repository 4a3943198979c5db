import { stream as open } from "../../../src/client/stream.ts";
import type { StreamHandle, Subscription } from "../../../src/client/stream-types.ts";
import type { StreamOp } from "../../../src/kinds/stream/types.ts";
import type { Chance } from "../random.ts";
import type { Script, SimpleFormat } from "./script.ts";

export interface Event {
  readonly type: string;
  readonly token: string;
}

const TYPES = ["click", "view", "buy"];

const event = (chance: Chance, token: string): Event => ({ type: chance.pick(TYPES), token });

/** Raw events: those of `types` alone, where they are given. */
function raw(types?: string): SimpleFormat {
  const wanted = types?.split(",");
  return {
    address: (id) => `/stream/${id}/ws${types === undefined ? "" : `?filter=type:${types}`}`,
    hello: [],
    write: () => undefined,
    tokens: (frame) => {
      const { token, type } = JSON.parse(frame) as Partial<Event>;
      if (wanted?.includes(type ?? "") === false) throw new Error(`B5: an event of type ${type} came to ${types}`);
      return token === undefined || token === "more" ? [] : [token];
    },
    logged: (op: StreamOp) => {
      const passes = op.type === "event" && wanted?.includes((JSON.parse(op.event.data) as Event).type) !== false;
      return passes ? tokensOf(op) : [];
    },
    completeFrom: () => 0,
  };
}

function tokensOf(op: StreamOp): readonly string[] {
  if (op.type !== "event") return [];
  const { token } = JSON.parse(op.event.data) as { readonly token?: string };
  return token === undefined || token === "more" ? [] : [token];
}

export const stream: Script<StreamHandle<Event>> = {
  binding: "STREAMS",
  path: (id) => `/stream/${id}`,
  paths: ["?from=start"],
  open: (rooms, id) => open<Event>(rooms, id),
  mutate: (handle, chance, token, filler) => {
    const more = chance.happens(0.3) ? [{ type: "view", token: "more", filler: "x".repeat(chance.below(filler)) }] : [];
    return { token, promise: handle.publish([event(chance, token), ...more]) };
  },
  large: (handle, token, filler) => ({
    token,
    promise: handle.publish([
      { type: "click", token },
      { type: "view", token: "more", filler: "x".repeat(filler) } as Event,
    ]),
  }),
  request: (chance, token) => ({ path: "", body: JSON.stringify(event(chance, token)) }),
  tokens: tokensOf,
  filtered: {
    path: "?from=start&filter=type:click",
    isWithheld: (text) => {
      const { events = [] } = JSON.parse(text) as { readonly events?: readonly { readonly event: Event }[] };
      return events.some(({ event: { type } }) => type !== "click");
    },
  },
  presence: () => ({}),
  shown: () => undefined,
  stored: () => undefined,
  simple: [raw(), raw("click"), raw("buy,view")],
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
