import * as v from "valibot";

/** What one connection shows of itself while it lasts. */
export const PresenceRecord = v.object({
  /** The client's public name, as in `entries[].by`. */
  by: v.string(),
  /** The guest's public name, as `welcome.guest`: one guest may be there with several clients. */
  guest: v.optional(v.string()),
  user: v.optional(v.object({ id: v.string(), name: v.optional(v.string()) })),
  data: v.record(v.string(), v.unknown()),
});
export type PresenceRecord = v.InferOutput<typeof PresenceRecord>;

/** Changes to the roster since the last one. Idempotent: a set replaces, a gone for an unknown id is nothing. */
export const PresenceChange = v.object({
  t: v.literal("presence"),
  /** `set` is the whole roster: forget everybody else. */
  all: v.optional(v.literal(true)),
  set: v.record(v.string(), PresenceRecord),
  gone: v.array(v.string()),
});
export type PresenceChange = v.InferOutput<typeof PresenceChange>;
