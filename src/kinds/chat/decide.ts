import { Refusal, refuse } from "../../protocol/refusal.ts";
import type { Context } from "../kind.ts";
import { normalizeEmoji } from "./emoji.ts";
import { QUOTE, REACTIONS, REPLIES, SANCTIONS, type ChatLimits } from "./limits.ts";
import { reactors } from "./message.ts";
import { ANONYMOUS, cut, givenName, isVisible, ownName } from "./names.ts";
import { NOBODY, personOf } from "./person.ts";
import { holds, mayNotSpeak, speakerOf, tooSoon } from "./sanctions.ts";
import type { ChatIntent, ChatOp, ChatState, Message, Person, Sanction } from "./types.ts";

type IntentOf<T extends ChatIntent["type"]> = Extract<ChatIntent, { readonly type: T }>;
type Decision = readonly ChatOp[] | Refusal;

/** What becomes of an intent whose shape and permission have been checked. */
export function decide(state: ChatState, intent: ChatIntent, context: Context, limits: ChatLimits): Decision {
  switch (intent.type) {
    case "send":
      return send(state, intent, context, limits);
    case "edit":
      return edit(state, intent, context, limits);
    case "delete":
      return remove(state, intent, context);
    case "react":
    case "unreact":
      return react(state, intent, context);
    case "read":
      return read(state, intent, context);
    case "mute":
    case "ban":
      return sanction(state, intent, context);
    case "unmute":
      return lift(state.muted, { type: "unmute", person: intent.person });
    case "unban":
      return lift(state.banned, { type: "unban", person: intent.person });
    case "rules": {
      const { slow = state.rules.slow, locked = state.rules.locked } = intent;
      if (slow === state.rules.slow && locked === state.rules.locked) return [];
      return [{ type: "rules", rules: { slow, locked } }];
    }
  }
}

function send(state: ChatState, intent: IntentOf<"send">, context: Context, limits: ChatLimits): Decision {
  const { address, now, seq, user } = context;
  const refusal = mayNotSpeak(state, context) ?? checkText(intent.text, limits) ?? tooSoon(state, context);
  if (refusal !== undefined) return refusal;
  const shown = context.presence?.["name"];
  const own = typeof shown === "string" ? shown : ownName(intent.name, limits);
  if (own instanceof Refusal) return own;
  const original = intent.reply === undefined ? undefined : find(state, intent.reply, context);
  if (intent.reply !== undefined && (original === undefined || original.deleted !== undefined)) {
    return missing(intent.reply, "/reply");
  }
  const color = context.presence?.["color"];
  const message: Message = {
    n: seq,
    from: personOf(context),
    name: user?.name === undefined ? own : givenName(user.name, limits),
    ...(typeof color === "string" ? { color } : {}),
    text: intent.text,
    at: Math.max(now, state.lastAt + 1),
    ...(intent.key === undefined ? {} : { key: intent.key }),
    ...(original === undefined ? {} : { reply: quote(original) }),
  };
  const speaker = state.rules.slow === 0 ? undefined : speakerOf(context);
  return [
    {
      type: "send",
      message,
      ...(address === undefined ? {} : { address }),
      ...(speaker === undefined ? {} : { speaker }),
    },
  ];
}

function edit(state: ChatState, intent: IntentOf<"edit">, context: Context, limits: ChatLimits): Decision {
  const { n, text } = intent;
  const message = find(state, n, context);
  if (message === undefined || message.deleted !== undefined) return missing(n);
  const refusal = mayNotTouch(message, context) ?? mayNotSpeak(state, context) ?? checkText(text, limits);
  if (refusal !== undefined) return refusal;
  if (text === message.text) return [];
  const before = message.edit === undefined ? {} : { before: message.edit };
  return [{ type: "edit", n, edit: context.seq, text, at: context.now, ...before }];
}

function remove(state: ChatState, { n }: IntentOf<"delete">, context: Context): Decision {
  const message = find(state, n, context);
  if (message === undefined) return missing(n);
  const refusal = mayNotTouch(message, context);
  if (refusal !== undefined) return refusal;
  if (message.deleted !== undefined) return [];
  const edit = message.edit === undefined ? {} : { edit: message.edit };
  const replies = message.replies === undefined ? {} : { replies: message.replies };
  const quoted = message.reply === undefined ? {} : { quoted: message.reply.n };
  return [{ type: "delete", n, by: personOf(context), at: context.now, ...edit, ...replies, ...quoted }];
}

function react(state: ChatState, intent: IntentOf<"react" | "unreact">, context: Context): Decision {
  const { type, n } = intent;
  const reaction = normalizeEmoji(intent.reaction);
  const person = personOf(context);
  if (person === NOBODY) return nobody();
  const message = find(state, n, context);
  if (message === undefined || message.deleted !== undefined) return missing(n);
  const refusal = mayNotSpeak(state, context);
  if (refusal !== undefined) return refusal;
  if (reactors(message, reaction).includes(person) === (type === "react")) return [];
  const count = Object.values(message.reactions ?? {}).reduce((sum, persons) => sum + persons.length, 0);
  if (type === "react" && count >= REACTIONS) {
    return refuse("conflict", `A message takes ${REACTIONS} reactions.`, { path: "/n" });
  }
  return [{ type, n, reaction, person }];
}

function read(state: ChatState, { n }: IntentOf<"read">, context: Context): Decision {
  const person = personOf(context);
  if (person === NOBODY) return nobody();
  if (n > (state.recent.at(-1)?.n ?? 0)) return missing(n);
  const before = Object.hasOwn(state.read, person) ? (state.read[person] ?? 0) : 0;
  return n <= before ? [] : [{ type: "read", n, person }];
}

function sanction(state: ChatState, intent: IntentOf<"mute" | "ban">, context: Context): Decision {
  const { type, n } = intent;
  let found: Pick<Sanction, "person" | "name" | "address"> | undefined;
  if (n !== undefined) {
    const message = find(state, n, context);
    if (message === undefined) return missing(n);
    const { from: person, name } = message;
    const withAddress = intent.address ?? person.startsWith(NOBODY);
    const address = withAddress ? addressOf(n, context) : undefined;
    found = { person, ...(name === ANONYMOUS ? {} : { name }), ...(address === undefined ? {} : { address }) };
  } else if (intent.person !== undefined) {
    const name = state.recent.findLast(({ from }) => from === intent.person)?.name;
    found = { person: intent.person, ...(name === undefined || name === ANONYMOUS ? {} : { name }) };
  }
  if (found === undefined) return refuse("bad_intent", "Say whom: the number of a message, or a person.");
  const { person, address } = found;
  if (person === NOBODY && address === undefined) {
    return refuse("conflict", "That author has neither a name nor an address to hold to.");
  }
  if (person === personOf(context)) return refuse("conflict", "That is you.");
  const list = type === "mute" ? state.muted : state.banned;
  if (list.filter((each) => holds(each, context.now)).length >= SANCTIONS) {
    return refuse("conflict", `A room holds ${SANCTIONS} such sanctions; lift one first.`);
  }
  const until = intent.for === undefined ? {} : { until: context.now + intent.for };
  return [{ type, sanction: { ...found, ...until }, at: context.now }];
}

function lift(list: readonly Sanction[], op: ChatOp & { readonly person: Person }): Decision {
  return list.some(({ person }) => person === op.person) ? [op] : [];
}

/** A message by its number: among the recent ones, else in the log, which clients do not have. */
function find(state: ChatState, n: number, context: Context): Message | undefined {
  const recent = state.recent.find((message) => message.n === n);
  if (recent !== undefined) return recent;
  const op = context.read?.(n) as ChatOp | undefined;
  return op?.type === "send" ? op.message : undefined;
}

function addressOf(n: number, { read }: Context): string | undefined {
  const op = read?.(n) as ChatOp | undefined;
  return op?.type === "send" ? op.address : undefined;
}

function quote({ n, name, text, replies = [] }: Message): NonNullable<Message["reply"]> {
  return { n, name, text: replies.length < REPLIES ? cut(text, QUOTE) : "" };
}

function checkText(text: string, limits: ChatLimits): Refusal | undefined {
  if (text.length > limits.message) return refuse("too_large", "Message too long.", { path: "/text" });
  return isVisible(text) ? undefined : refuse("bad_intent", "Message is empty.", { path: "/text" });
}

function mayNotTouch(message: Message, context: Context): Refusal | undefined {
  const mine = message.from !== NOBODY && message.from === personOf(context);
  if (mine || context.can.includes("admin")) return undefined;
  return refuse("forbidden", "Only its author or a moderator may change a message.");
}

function missing(n: number, path = "/n"): Refusal {
  return refuse("conflict", `There is no message ${n}.`, { path });
}

function nobody(): Refusal {
  return refuse("forbidden", "This needs an author who can be told from others.");
}
