import type { JsonObject } from "../../protocol/json.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import type { Visitor } from "../kind.ts";
import { TYPING_FOR, type ChatLimits } from "./limits.ts";
import { givenName, ownName } from "./names.ts";
import type { ChatPresence } from "./types.ts";

const COLOR = /^#[0-9a-f]{6}$/i;

/** Brings what a connection says of itself into shape: name, colour, typing; nothing else. */
export function chatPresence(data: JsonObject, visitor: Visitor, limits: ChatLimits): ChatPresence | Refusal {
  const { name, color, typing } = data;
  if (name !== undefined && name !== null && typeof name !== "string") {
    return refuse("bad_message", "A name is text.", { path: "/name" });
  }
  if (color !== undefined && (typeof color !== "string" || !COLOR.test(color))) {
    return refuse("bad_message", "A colour is like #1a2b3c.", { path: "/color" });
  }
  const own = ownName(name ?? undefined, limits);
  if (own instanceof Refusal) return own;
  // Whoever is known by name cannot go by another's.
  const shown = visitor.user?.name === undefined ? own : givenName(visitor.user.name, limits);
  const until = typingUntil(typing, visitor.now);
  return {
    name: shown,
    ...(color === undefined ? {} : { color: color.toLowerCase() }),
    ...(until === undefined ? {} : { typing: until }),
  };
}

function typingUntil(typing: unknown, now: number): number | undefined {
  if (typing === true) return now + TYPING_FOR;
  if (typeof typing !== "number" || typing <= now) return undefined;
  return Math.min(Math.floor(typing), now + TYPING_FOR);
}
