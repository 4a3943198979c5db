import * as v from "valibot";

/** Replaces this connection's presence; null leaves the roster and goes on watching it. */
export const SetPresence = v.object({
  t: v.literal("presence"),
  data: v.nullable(v.record(v.string(), v.unknown())),
});
export type SetPresence = v.InferOutput<typeof SetPresence>;
