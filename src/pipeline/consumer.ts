import type { Pointer } from "../room/archive/pointer.ts";
import { countEvents } from "./count.ts";
import type { CountedRoom } from "./counted-room.ts";

export interface CounterOptions<Env> {
  /** Where the streams live. */
  readonly streams: (env: Env) => { getByName(name: string): CountedRoom };
  /** Where the counts are kept. */
  readonly stats: (env: Env) => D1Database;
}

/** A message that failed comes again after so many seconds. */
const RETRY_SECONDS = 10;

/**
 * The queue's consumer: counts the events that the messages point to. A stream whose counting fails is tried again
 * later, alone; whatever is delivered twice, or out of order, is counted once.
 *
 * ```ts
 * export default createCounter<Env>({ streams: (env) => env.STREAMS, stats: (env) => env.STATS });
 * ```
 */
export function createCounter<Env>(options: CounterOptions<Env>): {
  readonly queue: (batch: MessageBatch<Pointer>, env: Env) => Promise<void>;
} {
  return {
    async queue(batch, env) {
      for (const messages of byStream(batch.messages)) {
        const [first] = messages;
        if (first === undefined) continue;
        const { stream, epoch } = first.body;
        const last = Math.max(...messages.map(({ body }) => body.last));
        try {
          const room = options.streams(env).getByName(stream);
          await countEvents(options.stats(env), room, { stream, epoch, last });
          for (const message of messages) message.ack();
        } catch (error) {
          // oxlint-disable-next-line no-console -- the Worker's log is where faults belong
          console.error(`roomcast: counting ${stream} failed, and is tried again`, error);
          for (const message of messages) message.retry({ delaySeconds: RETRY_SECONDS });
        }
      }
    },
  };
}

function byStream(messages: readonly Message<Pointer>[]): Iterable<readonly Message<Pointer>[]> {
  const found = new Map<string, Message<Pointer>[]>();
  for (const message of messages) {
    const key = JSON.stringify([message.body.stream, message.body.epoch]);
    const others = found.get(key);
    if (others === undefined) found.set(key, [message]);
    else others.push(message);
  }
  return found.values();
}
