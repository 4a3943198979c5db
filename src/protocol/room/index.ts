import * as v from "valibot";
import { Done, Mark, Refused } from "./answers.ts";
import { Entry, Ops } from "./ops.ts";
import { PresenceChange, PresenceRecord } from "./presence.ts";
import { Snapshot } from "./snapshot.ts";
import { Welcome } from "./welcome.ts";

/** Everything that a room may say natively. A frame is one or more of these, one a line. */
export const RoomMessage = v.variant("t", [Welcome, Snapshot, Ops, PresenceChange, Done, Refused, Mark]);
export type RoomMessage = v.InferOutput<typeof RoomMessage>;

export { Done, Entry, Mark, Ops, PresenceChange, PresenceRecord, Refused, Snapshot, Welcome };
