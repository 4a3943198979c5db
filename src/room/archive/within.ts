import type { Clock } from "../host/host.ts";

/** Another service that has not answered after so many milliseconds is taken for one that is down. */
export const PATIENCE = 30_000;

/** What `work` comes to; rejects when that takes too long, since one alarm waits for all that it calls for. */
export async function within<T>(clock: Clock, milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = clock.after(milliseconds, () => reject(new Error(`No answer within ${milliseconds} ms.`)));
  try {
    return await Promise.race([work, late]);
  } finally {
    stop();
  }
}
