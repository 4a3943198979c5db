import { connect } from "roomcast";

export { RoomcastError } from "roomcast";
export type { DocumentHandle, DocumentIntent, FieldOperator, PatchOperation, Peer, Status } from "roomcast";

/** The rooms of the server that this page came from. */
export const rooms = connect();
