/**
 * What the operating system says of a client's TCP connection: everything sent has left this process; nothing was
 * taken for a while; something was taken, not all; there is no such connection any more.
 */
export type ReaderState = "drained" | "stalled" | "slow" | "gone";
