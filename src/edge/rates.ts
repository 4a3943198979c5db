import { networkOf } from "../protocol/network.ts";
import { overRate, type Rate } from "../protocol/rate.ts";
import type { Refusal } from "../protocol/refusal.ts";
import { addressOf } from "./admission.ts";
import type { EdgeOptions } from "./options.ts";

/** A limiter that has not answered by then is passed over, in milliseconds. */
const PATIENCE = 1_000;

/**
 * Limits what the Worker does without a room. Writes to a room are counted in the room, which knows their budget and
 * which of them are repeats, and needs no round trip for it. Lets pass whom it cannot count: without an address,
 * without a limiter, or with one that fails.
 */
export async function limited<Env>(
  options: EdgeOptions<Env>,
  env: Env,
  request: Request,
  budget: string,
  rate: Rate,
): Promise<Refusal | undefined> {
  const limiters = options.rates?.(env);
  const address = addressOf(options, request);
  if (limiters === undefined || address === undefined) return undefined;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer within ${PATIENCE} ms`)), PATIENCE);
  try {
    const asked = limiters.getByName(networkOf(address)).take(budget, rate, 1);
    const wait = await Promise.race([asked, late.promise]);
    return wait > 0 ? overRate(wait) : undefined;
  } catch (error) {
    // oxlint-disable-next-line no-console -- the Worker's log is where faults belong
    console.warn("roomcast: the rate limiter cannot be reached; the request passes", error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
