import { jsonChat } from "../../dialects/json-chat/index.ts";
import { lineChat } from "../../dialects/line-chat/index.ts";
import { chatIntents } from "../../kinds/chat/intents.ts";
import { chatKind, type ChatKind } from "../../kinds/chat/kind.ts";
import type { ChatLimits } from "../../kinds/chat/limits.ts";
import type { ChatIntent, ChatOp, ChatState } from "../../kinds/chat/types.ts";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import { OPEN, type Admission, type Failed, type Outcome, type WriteOptions } from "../api.ts";
import type { AnyDialect } from "../broadcast.ts";
import type { ChatApi, MessagesPage, MessagesRange } from "./api.ts";
import { toFailed } from "../commits.ts";
import { RoomError } from "../errors.ts";
import { intentsText } from "../intents-text.ts";
import { readMessages } from "./messages.ts";
import { Room } from "../room.ts";

/** What a message has besides its text, when the Worker's own code sends it. */
export interface SendOptions extends WriteOptions {
  /** Whom it is from, in words; `anonymous` where absent. */
  readonly name?: string;
  /** The number of the message that it answers. */
  readonly reply?: number;
}

/**
 * A chat room, as a Durable Object, in all its wire formats. The Worker's own code calls it by RPC, with full rights:
 *
 * ```ts
 * await env.CHATS.getByName("lobby").send("The build is green.", { name: "Build" });
 * ```
 *
 * Keeps a million ops (messages, edits, reactions, read markers) of up to 1 GiB, whatever their age, unless
 * `retention` says otherwise. `chatLimits` changes how long names and messages may be.
 */
export class ChatRoom<Env = unknown> extends Room<ChatState, ChatIntent, ChatOp, Env> implements ChatApi {
  /** Changes to the limits of names and messages, in UTF-16 units. */
  readonly chatLimits: Partial<ChatLimits> = {};
  override readonly dialects: readonly AnyDialect<ChatState, ChatOp>[] = [
    jsonChat(() => this.chatLimits),
    lineChat(() => this.chatLimits),
  ];

  #kind: ChatKind | undefined;

  // Made when first asked for: a subclass sets its limits after this class's fields.
  override get kind(): ChatKind {
    return (this.#kind ??= { ...chatKind(this.chatLimits), intents: chatIntents });
  }

  async messages(range: MessagesRange = {}): Promise<MessagesPage | Failed> {
    const { ledger, store } = this.engine;
    const page = readMessages(this.kind, ledger, store, range);
    return page instanceof Refusal ? toFailed(page) : page;
  }

  /** Sends a message. Resolves with the room's version once it is durable; throws a RoomError. */
  send(text: string, options: SendOptions = {}): Promise<{ readonly version: string }> {
    const { name, reply, ...write } = options;
    const more = { ...(name === undefined ? {} : { name }), ...(reply === undefined ? {} : { reply }) };
    return this.transact([{ type: "send", text, ...more }], write);
  }

  /** Several intents as one, moderation among them: all are applied, or none. */
  async transact(intents: readonly ChatIntent[], options?: WriteOptions): Promise<{ readonly version: string }> {
    const outcome = await this.applyText(intentsText(intents), OPEN, options);
    if (!outcome.ok) throw new RoomError(outcome);
    return { version: outcome.version };
  }

  /** Erases everything. Needs `admin`: it is every member's talk. */
  override async clear(admission: Admission = OPEN, options: WriteOptions = {}): Promise<Outcome> {
    if (admission.can.includes("admin")) return super.clear(admission, options);
    return toFailed(refuse("forbidden", 'This needs the permission "admin".'));
  }

  // A saved state would keep the text of messages that are deleted later, and a restored one would give their
  // numbers to others.
  override async saveVersion(): Promise<Failed> {
    return noVersions();
  }

  override async restoreVersion(): Promise<Outcome> {
    return noVersions();
  }
}

function noVersions(): Failed {
  return toFailed(refuse("not_found", "A chat has no saved versions: its history is its log."));
}
