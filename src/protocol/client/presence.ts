import * as v from "valibot";

/** What a connection shows of itself: an object. The check comes first, because a record takes a list for an object. */
export const PresenceData = v.pipe(
  v.unknown(),
  v.check((data) => !Array.isArray(data), "Presence is an object."),
  v.record(v.string(), v.unknown()),
);

/** Replaces this connection's presence; null leaves the roster and goes on watching it. */
export const SetPresence = v.object({
  t: v.literal("presence"),
  data: v.nullable(PresenceData),
});
export type SetPresence = v.InferOutput<typeof SetPresence>;
