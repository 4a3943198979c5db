import * as v from "valibot";
import { PresenceData } from "./presence.ts";

/** The first message on a native connection. Anything before it is refused. */
export const Hello = v.object({
  t: v.literal("hello"),
  v: v.number(),
  /** Names this client across its reconnects, for de-duplication. Secret: whoever knows it can answer for it. */
  client: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,64}$/)),
  /** The position up to which this client has everything; absent on a first visit. */
  since: v.optional(
    v.object({
      epoch: v.pipe(v.string(), v.maxLength(32)),
      seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
  ),
  /**
   * Where to begin without `since`, or where `since` cannot be joined any more: `start`, the oldest op; the `last` so
   * many; the first one committed at a time (`at`, milliseconds since 1970) or later. Then ops follow instead of a snapshot.
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
