import * as v from "valibot";

/** Who a connection is, as the Worker's `authorize` says. Rooms never believe a client about this. */
export const User = v.object({
  /** Stable id, 1 to 128 characters. */
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  /** Shown to others, at most 64 characters. */
  name: v.optional(v.pipe(v.string(), v.maxLength(64))),
});
export type User = v.InferOutput<typeof User>;

/** What a connection may do. `admin` is for saved versions, clearing and moderation. */
export const Permission = v.picklist(["read", "write", "admin"]);
export type Permission = v.InferOutput<typeof Permission>;
