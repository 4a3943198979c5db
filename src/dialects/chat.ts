import { ANONYMOUS } from "../kinds/chat/names.ts";
import type { ChatOp, Message } from "../kinds/chat/types.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { PresenceRecord } from "../protocol/room/presence.ts";
import type { Run } from "./dialect.ts";

/** What the simple wire formats of chat have in common. */

const RATE_LIMITED = "Your IP is being rate-limited, please try again later.";

/** What a member goes by. */
export function nameOf({ data }: PresenceRecord): string {
  const { name } = data;
  return typeof name === "string" ? name : ANONYMOUS;
}

/** The messages that a run brought, and did not take away again. Edits, reactions and the rest have no words here. */
export function messagesOf<State>({ changes }: Run<State, ChatOp>): readonly Message[] {
  return changes.flatMap(({ op }) => (op.type === "send" && op.message.deleted === undefined ? [op.message] : []));
}

/** Why something was refused. A room's slow mode has a place, the rate of an address has none. */
export function wording({ code, message, place }: Refusal): string {
  return code === "too_many_requests" && place.path === undefined ? RATE_LIMITED : message;
}
