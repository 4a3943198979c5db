import { createCounter, type CounterOptions } from "../../src/pipeline/index.ts";
import type { DurableApi } from "../../src/room/durable/api.ts";
import { KeptStreamRoom } from "../../src/room/stream/kept-room.ts";

/** What is down at the moment, for the tests that ask what happens then. */
export const down = { archive: false, queue: false, stats: false };

/** A stream that is archived at once, and keeps little in its log. */
export class ArchivedStreams extends KeptStreamRoom<Cloudflare.Env> {
  override readonly retention = { ops: 20 };
  protected override readonly bucket: R2Bucket = failing(this.env.ARCHIVE, "archive");
  protected override readonly backlogBytes = 200_000;
  protected override readonly pauses = { archive: 0, forward: 0, again: 60_000 };

  protected override sibling(name: string): DurableApi {
    return this.env.ARCHIVED_STREAMS.getByName(name);
  }
}

/** One that is counted at once, too. */
export class KeptStreams extends ArchivedStreams {
  protected override readonly queue = failing(this.env.EVENTS, "queue");

  protected override sibling(name: string): DurableApi {
    return this.env.KEPT_STREAMS.getByName(name);
  }
}

const options: CounterOptions<Cloudflare.Env> = {
  streams: (env) => env.KEPT_STREAMS,
  stats: (env) => failing(env.STATS, "stats"),
};

export const { queue } = createCounter(options);

/** The real thing, but every call of it rejects while it is down. */
function failing<T extends object>(real: T, name: keyof typeof down): T {
  return new Proxy(real, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      return (...values: unknown[]): unknown => {
        if (down[name] && key !== "prepare") return Promise.reject(new Error(`${name} is down`));
        return Reflect.apply(member, target, values);
      };
    },
  });
}
