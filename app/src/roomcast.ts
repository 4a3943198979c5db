import { connect } from "roomcast";
import { guestSecret } from "./lib/guest.ts";

export { RoomcastError } from "roomcast";
export type { DocumentHandle, DocumentIntent, FieldOperator, PatchOperation, Peer, Status } from "roomcast";

/** Who opens the page with `?moderator=<key>` moderates chats, until the window is closed; the Worker knows the key. */
const moderator = new URLSearchParams(globalThis.location?.search).get("moderator");

/** The rooms of the server that this page came from. */
export const rooms = connect("/", {
  guest: guestSecret(),
  ...(moderator === null ? {} : { query: () => ({ moderator }) }),
});
