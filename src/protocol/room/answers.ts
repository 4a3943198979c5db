import * as v from "valibot";
import { CODES, type Code } from "../codes.ts";

const codes = Object.entries(CODES)
  .filter(([, row]) => !("httpOnly" in row))
  .map(([code]) => code) as [Code, ...Code[]];

/** A mutation that is settled without an op of its own: it changed nothing, or had been applied before. */
export const Done = v.object({
  t: v.literal("done"),
  m: v.number(),
});
export type Done = v.InferOutput<typeof Done>;

/** A message that was not carried out. With `m`, that mutation; without, the message before it. */
export const Refused = v.object({
  t: v.literal("refused"),
  m: v.optional(v.number()),
  code: v.picklist(codes),
  message: v.string(),
  /** Index of the intent at fault, from 0. */
  intent: v.optional(v.number()),
  /** JSON Pointer to the fault. */
  path: v.optional(v.string()),
  /** With `too_many_requests`, where it is known: the least time to wait, in milliseconds. */
  retryAfter: v.optional(v.number()),
});
export type Refused = v.InferOutput<typeof Refused>;

/** Flow control: answer with `ack` and the same number once everything before it is processed. */
export const Mark = v.object({
  t: v.literal("mark"),
  n: v.number(),
});
export type Mark = v.InferOutput<typeof Mark>;
