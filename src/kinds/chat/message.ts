import { normalizeEmoji } from "./emoji.ts";
import type { ChatOp, Message, Person } from "./types.ts";

type OpOf<T extends ChatOp["type"]> = Extract<ChatOp, { readonly type: T }>;

/**
 * What ops make of a message, in the state and in the log alike. Each may meet a message to which it has been done
 * already, and later ones with it: then it changes nothing, or nothing that the later ones do not set right.
 */

export function edited(message: Message, op: OpOf<"edit">): Message {
  const { text, at, edit } = op;
  if (message.deleted !== undefined || text === undefined || (message.edit ?? 0) > edit) return message;
  return inOrder({ ...message, text, edited: at, edit });
}

/**
 * A message after a deletion, its own or another's. Of a deleted one there is left that there was one, whose, and
 * when; what it answered no longer counts it among its replies.
 */
export function deleted(message: Message, op: OpOf<"delete">): Message {
  const { n, from, name, at } = message;
  if (n === op.n) return { n, from, name, text: "", at, deleted: { by: op.by, at: op.at } };
  return n === op.quoted ? unrepliedTo(message, op.n) : quoteErased(message, op.n);
}

function unrepliedTo(message: Message, by: number): Message {
  const { replies, ...rest } = message;
  const others = (replies ?? []).filter((other) => other !== by);
  return others.length === 0 ? rest : { ...rest, replies: others };
}

function quoteErased(message: Message, n: number): Message {
  const { reply } = message;
  return reply?.n === n && reply.text !== "" ? { ...message, reply: { ...reply, text: "" } } : message;
}

export function repliedTo(message: Message, by: number): Message {
  const { replies = [] } = message;
  return message.deleted !== undefined || replies.includes(by)
    ? message
    : inOrder({ ...message, replies: [...replies, by] });
}

/** Puts a person last, who is there already where the message comes amended: so the order is that of the ops. */
export function reacted(message: Message, reaction: string, person: Person): Message {
  if (message.deleted !== undefined) return message;
  const others = reactors(message, reaction).filter((other) => other !== person);
  return withReaction(message, reaction, [...others, person]);
}

export function unreacted(message: Message, reaction: string, person: Person): Message {
  const before = reactors(message, reaction);
  if (!before.includes(person)) return message;
  const others = before.filter((other) => other !== person);
  return withReaction(message, reaction, others);
}

/** The people whose reaction it is, in any spelling: messages stored by older versions may hold several spellings. */
export function reactors({ reactions = {} }: Message, reaction: string): readonly Person[] {
  const normal = normalizeEmoji(reaction);
  const same = Object.keys(reactions).filter((key) => key === normal || normalizeEmoji(key) === normal);
  return [...new Set(same.flatMap((key) => reactions[key] ?? []))];
}

/** Reactions are sorted, so that the text of a state does not tell in which order it was built. */
function withReaction(message: Message, reaction: string, persons: readonly Person[]): Message {
  const { reactions = {}, ...rest } = message;
  const normal = normalizeEmoji(reaction);
  const all = Object.entries(reactions).filter(([other]) => normalizeEmoji(other) !== normal);
  if (persons.length > 0) all.push([normal, persons]);
  if (all.length === 0) return inOrder(rest);
  return inOrder({ ...rest, reactions: Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1))) });
}

/** The same members in the same order, however it came about: a state has one text. */
function inOrder(message: Message): Message {
  const { edited, edit, reactions, replies, ...sent } = message;
  return {
    ...sent,
    ...(edited === undefined ? {} : { edited }),
    ...(edit === undefined ? {} : { edit }),
    ...(reactions === undefined ? {} : { reactions }),
    ...(replies === undefined ? {} : { replies }),
  };
}
