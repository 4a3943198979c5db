import * as v from "valibot";

/** One mutation as the room decided it: one op or several, applied together. */
export const Entry = v.object({
  /** The author's public name (`welcome.you` of its client); absent for the server's own. */
  by: v.optional(v.string()),
  /** The author's mutation number: how the sender finds its own. */
  m: v.optional(v.number()),
  /** The author's user id, when authenticated. */
  user: v.optional(v.string()),
  ops: v.array(v.unknown()),
  /** So many ops after these that the connection's filter withholds. They count. */
  skip: v.optional(v.number()),
});
export type Entry = v.InferOutput<typeof Entry>;

/** A run of the log. The first op is number `seq`; the rest count up by one, across entries. */
export const Ops = v.object({
  t: v.literal("ops"),
  seq: v.number(),
  /** When the room committed it, milliseconds since 1970; never goes back within a room. */
  at: v.number(),
  entries: v.array(Entry),
});
export type Ops = v.InferOutput<typeof Ops>;
