import * as v from "valibot";
import { PresenceData } from "./presence.ts";

/** The first message on a native connection. Anything before it is refused. */
export const Hello = v.object({
  t: v.literal("hello"),
  v: v.number(),
  /** Names this client across its reconnects, for de-duplication. Secret: whoever knows it can answer for it. */
  client: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,64}$/)),
  /** Secret of whoever sits there, the same for all their clients: by it a guest is the same person in each of them. */
  guest: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,64}$/))),
  /** The position up to which this client has everything; absent on a first visit. */
  since: v.optional(
    v.object({
      epoch: v.pipe(v.string(), v.maxLength(32)),
      seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
  ),
  /**
   * Ops are wanted rather than the state. Without `since`, or where it cannot be joined any more, they begin here:
   * `start`, with the oldest that is there; with the `last` so many; or with the first one committed `at` a time
   * (milliseconds since 1970) or later. The snapshot is then of the initial state, at the position before them.
   */
  from: v.optional(
    v.union([
      v.literal("start"),
      v.object({ last: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
      v.object({ at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
    ]),
  ),
  /** Which ops to send, in the kind's own form; the others are counted. */
  filter: v.optional(v.string()),
  /** An object joins the roster with it; null watches the roster unseen; absent does neither. */
  presence: v.optional(v.nullable(PresenceData)),
});
export type Hello = v.InferOutput<typeof Hello>;
