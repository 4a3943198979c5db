import * as v from "valibot";

/** The whole state at a position. Replaces whatever the client had. */
export const Snapshot = v.object({
  t: v.literal("snapshot"),
  epoch: v.string(),
  seq: v.number(),
  /** The version of the kind's state, for migrations. */
  kv: v.number(),
  state: v.unknown(),
  /** Present when history was replaced while the connection was live, or could not be caught up. */
  reset: v.optional(v.picklist(["restored", "cleared", "behind"])),
});
export type Snapshot = v.InferOutput<typeof Snapshot>;
