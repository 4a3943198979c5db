import * as v from "valibot";
import { STREAM_LIMITS } from "./limits.ts";
import type { StreamIntent } from "./types.ts";

/** What a client may ask of a stream. It brings the text alone; the room reads the id in it. Stands apart for its size. */
export const streamIntents: v.GenericSchema<unknown, StreamIntent> = v.strictObject({
  type: v.literal("publish"),
  events: v.pipe(v.array(v.strictObject({ data: v.string() })), v.minLength(1), v.maxLength(STREAM_LIMITS.batchEvents)),
});
