import * as v from "valibot";

/** A list of intents, applied as one or not at all. */
export const Mutate = v.object({
  t: v.literal("mutate"),
  /** This client's own count of mutations: rises by one each, never reused. Sent again after a reconnect, applied once. */
  m: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /**
   * Sent before, on an earlier connection, and unanswered: the version that the welcome of the first such
   * connection named (`<epoch>.<head>`). It may have been applied since then, and not before.
   */
  again: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9]{1,32}\.[0-9]{1,16}$/))),
  /** Each checked against the kind's own schema when it is admitted. */
  intents: v.pipe(v.array(v.unknown()), v.minLength(1)),
  /** Refuse unless the room is at this version (`<epoch>.<seq>`) before the first intent. */
  ifVersion: v.optional(v.string()),
});
export type Mutate = v.InferOutput<typeof Mutate>;
