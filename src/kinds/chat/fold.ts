import { READERS, RECENT, SPEAKERS } from "./limits.ts";
import { deleted, edited, reacted, repliedTo, unreacted } from "./message.ts";
import { NOBODY } from "./person.ts";
import type { ChatOp, ChatState, Message, Person, Sanction } from "./types.ts";

export const EMPTY: ChatState = {
  recent: [],
  count: 0,
  lastAt: 0,
  rules: { slow: 0, locked: false },
  muted: [],
  banned: [],
  read: {},
  spoke: {},
};

/** The state after an op: whether its messages come as they were sent, or as they were amended since. */
export function fold(state: ChatState, op: ChatOp): ChatState {
  switch (op.type) {
    case "send":
      return send(state, op.message, op.speaker);
    case "edit":
      return change(state, op.n, (message) => edited(message, op));
    case "delete":
      return { ...state, recent: state.recent.map((message) => deleted(message, op)) };
    case "react":
      return change(state, op.n, (message) => reacted(message, op.reaction, op.person));
    case "unreact":
      return change(state, op.n, (message) => unreacted(message, op.reaction, op.person));
    case "read":
      return { ...state, read: lately(state.read, op.person, op.n, READERS) };
    case "mute":
      return { ...state, muted: sanctioned(state.muted, op.sanction, op.at) };
    case "ban":
      return { ...state, banned: sanctioned(state.banned, op.sanction, op.at) };
    case "unmute":
      return { ...state, muted: state.muted.filter(({ person }) => person !== op.person) };
    case "unban":
      return { ...state, banned: state.banned.filter(({ person }) => person !== op.person) };
    case "rules":
      return { ...state, rules: op.rules, spoke: op.rules.slow === 0 ? {} : state.spoke };
  }
}

function send(state: ChatState, message: Message, speaker: string | undefined): ChatState {
  const { reply, at } = message;
  const before =
    reply === undefined || reply.text === ""
      ? state.recent
      : state.recent.map((each) => (each.n === reply.n ? repliedTo(each, message.n) : each));
  return {
    ...state,
    recent: [...before.slice(1 - RECENT), message],
    count: state.count + 1,
    lastAt: at,
    ...(state.rules.slow === 0 || speaker === undefined
      ? {}
      : { spoke: lately(since(state.spoke, at - state.rules.slow), speaker, at, SPEAKERS) }),
  };
}

function change(state: ChatState, n: number, how: (message: Message) => Message): ChatState {
  return { ...state, recent: state.recent.map((message) => (message.n === n ? how(message) : message)) };
}

/** Entries of persons or speakers, the latest last, the oldest gone where there are too many. */
function lately(
  entries: Readonly<Record<Person, number>>,
  person: Person,
  value: number,
  most: number,
): Record<Person, number> {
  const others = Object.entries(entries).filter(([other]) => other !== person);
  return Object.fromEntries([...others.slice(Math.max(0, others.length + 1 - most)), [person, value]]);
}

function since(entries: Readonly<Record<Person, number>>, at: number): Record<Person, number> {
  return Object.fromEntries(Object.entries(entries).filter(([, time]) => time > at));
}

/** What has run out by `at` is dropped with the next one. */
function sanctioned(list: readonly Sanction[], sanction: Sanction, at: number): readonly Sanction[] {
  const others = list.filter((other) => !(isOfSame(other, sanction) || (other.until ?? Infinity) <= at));
  return [...others, sanction];
}

/** Nobody in particular is known by the address alone. */
function isOfSame(one: Sanction, other: Sanction): boolean {
  return one.person === other.person && (one.person !== NOBODY || one.address === other.address);
}
