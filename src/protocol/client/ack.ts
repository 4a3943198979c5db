import * as v from "valibot";

/** Answers a `mark`: everything up to it has been processed. */
export const Ack = v.object({
  t: v.literal("ack"),
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});
export type Ack = v.InferOutput<typeof Ack>;
