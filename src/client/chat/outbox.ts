import type { Message, Person } from "../../kinds/chat/types.ts";
import type { ChatMessage, RoomcastErrorFields } from "../types.ts";

interface Entry {
  readonly key: string;
  readonly text: string;
  readonly reply: number | undefined;
  readonly at: number;
  error: (RoomcastErrorFields & Error) | undefined;
  /** How it was last shown, and from what. */
  shown: ChatMessage | undefined;
  of: Message | undefined;
  /** What it answers, as it read then. */
  original: Message | undefined;
}

/** Who writes, for messages that the room has not numbered. */
export interface Author {
  readonly person: Person | undefined;
  readonly name: string;
  readonly color?: string;
}

/** This client's messages that are not in the room yet: those on their way, and those that it refused. */
export class Outbox {
  readonly #entries = new Map<string, Entry>();

  add(key: string, text: string, reply: number | undefined, at: number): void {
    this.#entries.set(key, {
      key,
      text,
      reply,
      at,
      error: undefined,
      shown: undefined,
      of: undefined,
      original: undefined,
    });
  }

  /** It is in the room, or its author wants it no more. */
  remove(key: string): void {
    this.#entries.delete(key);
  }

  refuse(key: string, error: RoomcastErrorFields & Error): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.error = error;
    entry.shown = undefined;
  }

  /** A refused message; undefined for any other. */
  refused(key: string): { readonly text: string; readonly reply: number | undefined } | undefined {
    const entry = this.#entries.get(key);
    return entry?.error === undefined ? undefined : entry;
  }

  /** The messages of the room with those that wait, the latter marked; what is not in the room comes last. */
  over(messages: readonly Message[], author: Author): readonly ChatMessage[] {
    if (this.#entries.size === 0) return messages;
    const met = new Set<string>();
    const all: ChatMessage[] = [];
    for (const message of messages) {
      const entry = message.key === undefined ? undefined : this.#entries.get(message.key);
      if (entry === undefined || message.from !== author.person) {
        all.push(message);
        continue;
      }
      met.add(entry.key);
      // Refused, as far as this client was told, and in the room nevertheless: the connection ended in between.
      if (entry.error !== undefined) this.#entries.delete(entry.key);
      all.push(entry.error === undefined ? waiting(entry, message) : message);
    }
    for (const entry of this.#entries.values()) {
      if (!met.has(entry.key)) all.push(unsent(entry, author, messages));
    }
    return all;
  }
}

// The same object while it is the same, so that a list of messages draws only what changed.
function waiting(entry: Entry, message: Message): ChatMessage {
  if (entry.of !== message || entry.shown === undefined) {
    entry.of = message;
    entry.shown = { ...message, n: 0, sending: true };
  }
  return entry.shown;
}

function unsent(entry: Entry, author: Author, messages: readonly Message[]): ChatMessage {
  const from = author.person ?? "";
  const { key, text, at, error, reply } = entry;
  const original = reply === undefined ? undefined : messages.find(({ n }) => n === reply);
  if (entry.shown?.from === from && entry.of === undefined && entry.original === original) return entry.shown;
  entry.of = undefined;
  entry.original = original;
  entry.shown = {
    n: 0,
    from,
    name: author.name,
    ...(author.color !== undefined && { color: author.color }),
    text,
    at,
    key,
    ...(original !== undefined && { reply: { n: original.n, name: original.name, text: original.text.slice(0, 80) } }),
    ...(error === undefined ? { sending: true } : { error }),
  };
  return entry.shown;
}
