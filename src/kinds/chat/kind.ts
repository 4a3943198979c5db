import { defineKind, type Kind } from "../kind.ts";
import { amendments } from "./amend.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { decide } from "./decide.ts";
import { EMPTY, fold } from "./fold.ts";
import { CHAT_LIMITS, CHAT_RATES, ESCAPED_BYTES, RECENT, type ChatLimits } from "./limits.ts";
import { chatPresence } from "./presence.ts";
import { bannedFrom } from "./sanctions.ts";
import type { ChatIntent, ChatOp, ChatState } from "./types.ts";

export type ChatKind = Kind<ChatState, ChatIntent, ChatOp>;

/**
 * A chat: the log is the talk. The state holds its last 100 messages as they read now, and the room's rules; older
 * ones are read from the log. Intents are checked in the room against `chatIntents`, which stands apart so that
 * clients need not download it.
 *
 * Refusals: `too_large` for a name or text over its limit, `bad_intent` for an empty text, `conflict` for a message
 * that is not there, `forbidden` for who may not, `too_many_requests` with the path `/rules/slow` in slow mode.
 */
export function chatKind(limits: Partial<ChatLimits> = {}): ChatKind {
  const all = { ...CHAT_LIMITS, ...limits };
  for (const [name, units] of Object.entries(all)) {
    // A text must fit the frame that brings it, escapes included.
    if (!Number.isSafeInteger(units) || units < 1 || units > 16_384) {
      throw new TypeError(`The limit of a chat's ${name} is a whole number from 1 to 16384, not ${units}.`);
    }
  }
  return defineKind<ChatState, ChatIntent, ChatOp>({
    name: "chat",
    version: 1,
    initial: () => EMPTY,
    decide: (state, intent, context) => decide(state, intent, context, all),
    fold,
    permission: needs,
    // Each message counts: one who was away gets those that were said, not the last hundred.
    everyOp: true,
    amendments,
    admits: bannedFrom,
    expels: (op) => op.type === "ban",
    presence: (data, visitor) => chatPresence(data, visitor, all),
    rates: CHAT_RATES,
    personBudgets: { chat: "chat-person" },
    // A room full of the longest messages must take the next one.
    limits: { stateBytes: DEFAULT_LIMITS.stateBytes + RECENT * all.message * ESCAPED_BYTES },
    budget: ({ type }) => (type === "send" || type === "edit" ? "chat" : "chat-light"),
    retention: { ops: 1_000_000, bytes: 1024 * 1024 * 1024, age: Infinity },
  });
}

function needs({ type }: ChatIntent): "write" | "admin" {
  switch (type) {
    case "send":
    case "edit":
    case "delete":
    case "react":
    case "unreact":
    case "read":
      return "write";
    case "mute":
    case "unmute":
    case "ban":
    case "unban":
    case "rules":
      return "admin";
  }
}
