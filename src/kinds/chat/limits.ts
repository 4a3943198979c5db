import type { Rate } from "../../protocol/rate.ts";

/** What a chat room takes. Lengths are UTF-16 units, as a text's `length` in JavaScript. */
export interface ChatLimits {
  /** A name. */
  readonly name: number;
  /** A message's text. In the JSON and line formats 256 unless the room's `chatLimits` say otherwise. */
  readonly message: number;
}

export const CHAT_LIMITS: ChatLimits = { name: 32, message: 4_000 };

/** A message's text in the JSON and line formats, where the room has no limit of its own: what their clients are made for. */
export const SIMPLE_MESSAGE = 256;
/** The most that a UTF-16 unit takes in JSON, in bytes: an escape such as `\u0001`. */
export const ESCAPED_BYTES = 6;

/**
 * How often one network address, and each person at it, may speak in all chat rooms together; and how often an address
 * may do what adds no text: react, mark as read, delete, moderate.
 */
export const CHAT_RATES = {
  chat: { burst: 40, every: 200 },
  "chat-person": { burst: 10, every: 1_000 },
  "chat-light": { burst: 30, every: 1_000 },
} as const satisfies Readonly<Record<string, Rate>>;

/** Messages in the state: what a newcomer gets. */
export const RECENT = 100;
/** What a reply quotes of its original, in UTF-16 units. */
export const QUOTE = 80;
/** Replies that quote one message with text, each of which its deletion has to find. */
export const REPLIES = 100;
/** Reactions to one message, over all persons. */
export const REACTIONS = 200;
/** Read markers in the state. */
export const READERS = 200;
/** Persons muted, and banned. */
export const SANCTIONS = 500;
/** Those whose last word is remembered for slow mode. */
export const SPEAKERS = 1_000;
/** How long "is typing" holds unless it is said again, in milliseconds. */
export const TYPING_FOR = 6_000;
/** The longest slow mode, in milliseconds: six hours. */
export const MAX_SLOW = 6 * 60 * 60 * 1000;
/** The longest sanction that has an end, in milliseconds: ten years. */
export const MAX_FOR = 10 * 365 * 24 * 60 * 60 * 1000;
