/**
 * Whom a message, a sanction, a reaction or a read marker is of: a user's id as `u:<id>`, else a public name, the guest's
 * or else the client's, as `g:<name>`; `g:` for one who has none, who is nobody in particular: see `personOf`.
 */
export type Person = string;

/** A message as it reads now: edits, reactions and deletion are folded in. */
export interface Message {
  /** The number of the op that sent it. Never reused; what replies, edits and pages refer to. */
  readonly n: number;
  readonly from: Person;
  /** The user's name as the Worker vouches for it, else what the guest called itself, else `anonymous`. */
  readonly name: string;
  /** CSS colour of the author's choice, `#rrggbb`. */
  readonly color?: string;
  /** Empty once deleted. */
  readonly text: string;
  /** Milliseconds since 1970; strictly greater than the message's before. */
  readonly at: number;
  /** What the client called it when it was sent: how a page finds its own message before the room has numbered it. */
  readonly key?: string;
  readonly reply?: Quote;
  /** When it was last edited. */
  readonly edited?: number;
  /** The number of the op that last edited it. */
  readonly edit?: number;
  readonly deleted?: { readonly by: Person; readonly at: number };
  /** Who reacted, by reaction, in the order in which they did. At most 200 over all. */
  readonly reactions?: Readonly<Record<string, readonly Person[]>>;
  /** Replies that quote it, by number. At most 100; later ones quote without text. */
  readonly replies?: readonly number[];
}

/** What a reply answers, as it read then: at most 80 UTF-16 units of it. Emptied when the original is deleted. */
export interface Quote {
  readonly n: number;
  readonly name: string;
  readonly text: string;
}

export interface Sanction {
  readonly person: Person;
  readonly name?: string;
  /** Stands for a network address within this room; see `Context.address`. */
  readonly address?: string;
  /** Milliseconds since 1970; absent: until it is lifted. */
  readonly until?: number;
}

/** What every client of a chat room holds: the end of the talk and the room's rules, not its history. */
export interface ChatState {
  /** The last 100 messages, oldest first, deleted ones among them. */
  readonly recent: readonly Message[];
  /** Messages ever sent. */
  readonly count: number;
  /** Time of the last message, milliseconds since 1970; 0 for none. */
  readonly lastAt: number;
  readonly rules: Rules;
  readonly muted: readonly Sanction[];
  readonly banned: readonly Sanction[];
  /** How far each has read: the number of a message. The 200 that read last. */
  readonly read: Readonly<Record<Person, number>>;
  /** When each speaker last spoke, while slow mode is on. */
  readonly spoke: Readonly<Record<string, number>>;
}

export interface Rules {
  /** Least time between two messages of one user or guest's address, in milliseconds; 0 for none. Moderators are free of it. */
  readonly slow: number;
  /** Only moderators may speak. */
  readonly locked: boolean;
}

export type ChatIntent =
  /** `key`: at most 64 characters. `name`: for those who have no connection, and so show no name; at most 32. */
  | {
      readonly type: "send";
      readonly text: string;
      readonly key?: string;
      readonly reply?: number;
      readonly name?: string;
    }
  | { readonly type: "edit"; readonly n: number; readonly text: string }
  | { readonly type: "delete"; readonly n: number }
  | { readonly type: "react" | "unreact"; readonly n: number; readonly reaction: string }
  | { readonly type: "read"; readonly n: number }
  /**
   * Moderation: needs `admin`. `n` names the author of that message; `for` is in milliseconds, absent without end.
   * With `address` it holds for everybody at the network address which that message came from too: unless told
   * otherwise so for guests, who get another name for the asking, and not for users.
   */
  | {
      readonly type: "mute" | "ban";
      readonly n?: number;
      readonly person?: Person;
      readonly for?: number;
      readonly address?: boolean;
    }
  | { readonly type: "unmute" | "unban"; readonly person: Person }
  | { readonly type: "rules"; readonly slow?: number; readonly locked?: boolean };

/** What the log holds. */
export type ChatOp =
  /** `speaker`: whom slow mode holds, while it is on; see `speakerOf`. */
  | { readonly type: "send"; readonly message: Message; readonly address?: string; readonly speaker?: string }
  /**
   * `edit` is the op's own number, `before` that of the edit which it replaces, whose text goes. A replaced edit has no
   * text, and neither has one of a message that was deleted.
   */
  | {
      readonly type: "edit";
      readonly n: number;
      readonly edit: number;
      readonly text?: string;
      readonly at: number;
      readonly before?: number;
    }
  /** `edit` and `replies` as the message had them: what else held its text. `quoted` is what it was a reply to. */
  | {
      readonly type: "delete";
      readonly n: number;
      readonly by: Person;
      readonly at: number;
      readonly edit?: number;
      readonly replies?: readonly number[];
      readonly quoted?: number;
    }
  | { readonly type: "react" | "unreact"; readonly n: number; readonly reaction: string; readonly person: Person }
  | { readonly type: "read"; readonly n: number; readonly person: Person }
  | { readonly type: "mute" | "ban"; readonly sanction: Sanction; readonly at: number }
  | { readonly type: "unmute" | "unban"; readonly person: Person }
  | { readonly type: "rules"; readonly rules: Rules };

/**
 * What a chat connection shows of itself, as the room has brought it into shape. A client sends `typing: true`, and
 * again every few seconds while it is so; the room makes it the time by its clock until which that holds.
 */
export type ChatPresence = {
  readonly name: string;
  /** `#rrggbb`. */
  readonly color?: string;
  /** Milliseconds since 1970, at most `TYPING_FOR` ahead. Past it nobody types any more. */
  readonly typing?: number;
};
