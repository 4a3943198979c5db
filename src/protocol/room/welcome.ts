import * as v from "valibot";
import { Permission, User } from "../user.ts";
import { PresenceRecord } from "./presence.ts";

/** The answer to `hello`: who the client is here, and how what follows joins what it has. */
export const Welcome = v.object({
  t: v.literal("welcome"),
  v: v.number(),
  /** The kind of the room, such as `document`. */
  kind: v.string(),
  /** This connection's id, new at each connect; keys of the roster. */
  conn: v.string(),
  /** This client's public name in `entries[].by`, the same after a reconnect. */
  you: v.string(),
  /** The public name of the guest behind the hello's secret, in this room only; absent for users. */
  guest: v.optional(v.string()),
  user: v.optional(User),
  can: v.array(Permission),
  /** The highest mutation number of this client that was applied; 0 for none. Its entry precedes `head`. */
  last: v.number(),
  /** Numbers below `last` that were never applied, as inclusive ranges. */
  gaps: v.array(v.tuple([v.number(), v.number()])),
  epoch: v.string(),
  /** The room's newest op. What is sent next ends here; after that it is live. */
  head: v.number(),
  /**
   * `tail`: the ops after `since` follow. `snapshot`: the client named no position, or the tail cost more;
   * a snapshot follows. `reset`: a snapshot follows, and what the client had must be dropped, for `reason`.
   */
  resume: v.picklist(["tail", "snapshot", "reset"]),
  reason: v.optional(v.picklist(["epoch", "ahead", "gone"])),
  /** The roster by connection id, when the hello asked for it. */
  presence: v.optional(v.record(v.string(), PresenceRecord)),
  /** The room's clock, milliseconds since 1970. */
  now: v.number(),
});
export type Welcome = v.InferOutput<typeof Welcome>;
