import * as v from "valibot";
import { normalizeEmoji } from "./emoji.ts";
import { MAX_FOR, MAX_SLOW } from "./limits.ts";
import type { ChatIntent } from "./types.ts";

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const person = v.pipe(v.string(), v.maxLength(130), v.regex(/^(u:.|g:)/su, "Expected a person, such as u:<id>"));
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v;
/** One emoji, also one that this runtime's Unicode does not know yet. Words would be messages past the rate of messages. */
const reaction = v.pipe(
  v.string(),
  v.maxLength(64),
  v.check((text) => EMOJI.test(normalizeEmoji(text)), "Expected a reaction: one emoji"),
);
/** A reaction that an older version accepted can be taken back. */
const anyReaction = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** What the chat kind takes from a client: shapes. Lengths of names and texts are configured, and `decide` checks them. */
export const chatIntents = v.variant("type", [
  v.strictObject({
    type: v.literal("send"),
    text: v.string(),
    key: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
    reply: v.exactOptional(number),
    name: v.exactOptional(v.string()),
  }),
  v.strictObject({ type: v.literal("edit"), n: number, text: v.string() }),
  v.strictObject({ type: v.literal("delete"), n: number }),
  v.strictObject({ type: v.literal("react"), n: number, reaction }),
  v.strictObject({ type: v.literal("unreact"), n: number, reaction: anyReaction }),
  v.strictObject({ type: v.literal("read"), n: number }),
  v.strictObject({
    type: v.picklist(["mute", "ban"]),
    n: v.exactOptional(number),
    person: v.exactOptional(person),
    for: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_FOR))),
    address: v.exactOptional(v.boolean()),
  }),
  v.strictObject({ type: v.picklist(["unmute", "unban"]), person }),
  v.strictObject({
    type: v.literal("rules"),
    slow: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_SLOW))),
    locked: v.exactOptional(v.boolean()),
  }),
]) satisfies v.GenericSchema<unknown, ChatIntent>;
