import { refuse, type Refusal } from "../../protocol/refusal.ts";
import type { Context, Visitor } from "../kind.ts";
import { NOBODY, personOf } from "./person.ts";
import type { ChatState, Sanction } from "./types.ts";

type Who = Pick<Visitor, "by" | "user" | "can" | "address" | "now">;

export function holds({ until }: Sanction, now: number): boolean {
  return until === undefined || until > now;
}

/** Why somebody is not let in; undefined for all who are not banned. Moderators cannot be. */
export function bannedFrom(state: ChatState, visitor: Who): Refusal | undefined {
  const ban = ofOne(state.banned, visitor);
  return ban && refuse("forbidden", `You are banned from this room${ending(ban)}.`);
}

/** Why somebody may not say anything now. */
export function mayNotSpeak(state: ChatState, context: Who): Refusal | undefined {
  if (context.can.includes("admin")) return undefined;
  // Who writes over HTTP was at no door where the ban could be seen.
  const banned = bannedFrom(state, context);
  if (banned !== undefined) return banned;
  const mute = ofOne(state.muted, context);
  if (mute !== undefined) return refuse("forbidden", `You are muted${ending(mute)}.`);
  return state.rules.locked
    ? refuse("forbidden", "The room is locked: only moderators may speak.", { path: "/rules/locked" })
    : undefined;
}

/**
 * Whom slow mode holds: a user by the id, a guest by the address, as there is another name for the asking. Undefined for
 * those whom it does not hold: moderators, the Worker's own code, and who cannot be told from others.
 */
export function speakerOf(context: Who): string | undefined {
  if (context.can.includes("admin")) return undefined;
  const person = personOf(context);
  if (context.user === undefined && context.address !== undefined) return `a:${context.address}`;
  return person === NOBODY ? undefined : person;
}

/** Why somebody has to wait before the next message. The place tells it from the rates of the Worker. */
export function tooSoon(state: ChatState, context: Context): Refusal | undefined {
  const { slow } = state.rules;
  const speaker = speakerOf(context);
  if (slow === 0 || speaker === undefined || !Object.hasOwn(state.spoke, speaker)) return undefined;
  const wait = (state.spoke[speaker] ?? 0) + slow - context.now;
  if (wait <= 0) return undefined;
  return refuse("too_many_requests", `Slow mode: the next message in ${Math.ceil(wait / 1000)} s.`, {
    path: "/rules/slow",
    retryAfter: wait,
  });
}

function ofOne(list: readonly Sanction[], who: Who): Sanction | undefined {
  if (list.length === 0 || who.can.includes("admin")) return undefined;
  const person = personOf(who);
  return list.find(
    (each) =>
      holds(each, who.now) &&
      ((person !== NOBODY && each.person === person) || (each.address !== undefined && each.address === who.address)),
  );
}

function ending({ until }: Sanction): string {
  return until === undefined ? "" : ` until ${new Date(until).toISOString()}`;
}
