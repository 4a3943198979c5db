import * as v from "valibot";
import { Ack } from "./ack.ts";
import { Hello } from "./hello.ts";
import { Mutate } from "./mutate.ts";
import { SetPresence } from "./presence.ts";

/** Everything that a client may say. A closed union: a switch over `t` that misses one does not compile. */
export const ClientMessage = v.variant("t", [Hello, Mutate, SetPresence, Ack]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;

export { Ack, Hello, Mutate, SetPresence };
