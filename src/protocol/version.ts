/** The WebSocket subprotocol that selects the native dialect. */
export const SUBPROTOCOL = "roomcast.v1";

/** The native protocol's version, as `hello.v` and `welcome.v` carry it. */
export const PROTOCOL_VERSION = 1;

/**
 * The text frame by which a client shows life, answered without waking the room. The platform answers it on every socket of
 * the room, so it is none that a client of another format sends: ASCII's enquiry, and its acknowledgement.
 */
export const PING = "\u0005";
export const PONG = "\u0006";

/** What older clients of the native protocol send for it. Only their connections are answered so, and that wakes the room. */
export const OLDER_PING = "ping";
export const OLDER_PONG = "pong";
