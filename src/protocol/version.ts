/** The WebSocket subprotocol that selects the native dialect. */
export const SUBPROTOCOL = "roomcast.v1";

/** The native protocol's version, as `hello.v` and `welcome.v` carry it. */
export const PROTOCOL_VERSION = 1;

/** The text frame by which a client shows life, answered without waking the room. */
export const PING = "ping";
export const PONG = "pong";
