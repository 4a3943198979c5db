import { chatKind } from "../../kinds/chat/kind.ts";
import { personOf } from "../../kinds/chat/person.ts";
import type { ChatIntent, ChatOp, ChatPresence, ChatState, Message, Person, Rules } from "../../kinds/chat/types.ts";
import type { Place } from "../address.ts";
import type { Opener, RoomType } from "../connect.ts";
import { RoomcastError } from "../errors.ts";
import { jsonText } from "../json.ts";
import { randomText } from "../random.ts";
import { RoomHandle } from "../room.ts";
import type { ChatHandle, ChatMember, ChatMessage, ConnectOptions } from "../types.ts";
import { dropBefore, joinSnapshot, keepingAll } from "./long.ts";
import { countMembers } from "./members.ts";
import { type Author, Outbox } from "./outbox.ts";
import { Pages } from "./pages.ts";
import { Queue } from "./queue.ts";

/** "Is typing" is said again after so many milliseconds of typing, and taken back after so many without. */
const TYPING_AGAIN = 3_000;
const TYPING_ENDS = 5_000;

// The room's own limits are not known here; what is over them only it refuses.
const KIND = keepingAll(chatKind({ name: 16_384, message: 16_384 }));
const NOBODY: readonly ChatMember[] = [];

class ChatRoom extends RoomHandle<ChatState, ChatIntent, ChatOp, ChatPresence> implements ChatHandle {
  readonly #outbox = new Outbox();
  readonly #queue = new Queue(() => this.status.phase === "live");
  readonly #pages: Pages;
  #shown: readonly ChatMessage[] | undefined;
  #from: readonly Message[] | undefined;
  #fresh = false;
  #members: readonly ChatMember[] = NOBODY;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #self: { readonly name: string; readonly color?: string } | undefined;
  #typingSince = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #epoch = "";

  constructor(id: string, place: Place, options: ConnectOptions) {
    super(KIND, id, place, options, {
      join: (before, snapshot) => {
        this.#pages.doubt(before, snapshot);
        return joinSnapshot(before, snapshot);
      },
      confirmed: (op, seq) => this.#pages.confirmed(op, seq),
    });
    this.#pages = new Pages({
      kind: KIND,
      state: () => this.state,
      version: () => this.version,
      live: () => this.status.phase === "live",
      place,
      revise: (change) => this.revise(change),
      changed: () => this.emit(),
      credentials: options.credentials,
    });
    this.presence.subscribe(() => this.#count());
    this.subscribe(() => this.#follow());
  }

  get messages(): readonly ChatMessage[] | undefined {
    const recent = this.state?.recent;
    if (recent === undefined) return undefined;
    if (recent !== this.#from || !this.#fresh) {
      this.#from = recent;
      this.#shown = this.#outbox.over(recent, this.#author());
      this.#fresh = true;
    }
    return this.#shown;
  }

  override get pending(): number {
    return super.pending + this.#queue.waiting;
  }

  get hasOlder(): boolean {
    const { state } = this;
    return state !== undefined && !this.#pages.complete && state.count > state.recent.length;
  }

  get loadingOlder(): boolean {
    return this.#pages.loading;
  }

  get gap(): number | undefined {
    return this.#pages.gap;
  }

  get members(): readonly ChatMember[] {
    return this.#members;
  }

  get me(): Person | undefined {
    const { you, guest, user } = this;
    return you === undefined ? undefined : personOf({ by: you, ...(guest && { guest }), ...(user && { user }) });
  }

  introduce(me: { readonly name: string; readonly color?: string }): void {
    this.#self = me;
    this.#fresh = false;
    this.#show(this.#typing !== undefined);
    this.emit();
  }

  send(text: string, { reply }: { readonly reply?: number } = {}): Promise<void> {
    this.#quiet();
    return this.#post(randomText(16), text, reply);
  }

  resend(key: string, { asReply = true }: { readonly asReply?: boolean } = {}): Promise<void> {
    const refused = this.#outbox.refused(key);
    if (refused === undefined) return Promise.resolve();
    this.#outbox.remove(key);
    return this.#post(key, refused.text, asReply ? refused.reply : undefined);
  }

  discard(key: string): void {
    if (this.#outbox.refused(key) === undefined) return;
    this.#outbox.remove(key);
    this.#again();
  }

  edit(n: number, text: string): Promise<void> {
    this.#quiet();
    return this.mutate({ type: "edit", n, text });
  }

  delete(n: number): Promise<void> {
    return this.mutate({ type: "delete", n });
  }

  react(n: number, reaction: string): Promise<void> {
    return this.mutate({ type: "react", n, reaction });
  }

  unreact(n: number, reaction: string): Promise<void> {
    return this.mutate({ type: "unreact", n, reaction });
  }

  loadOlder(): Promise<boolean> {
    return this.watched(this.hasOlder ? this.#pages.older() : Promise.resolve(false));
  }

  forgetOlder(keep: number): void {
    const recent = this.state?.recent ?? [];
    const first = recent[recent.length - Math.max(keep, 100)];
    if (first === undefined || first === recent[0] || this.#pages.loading) return;
    this.#pages.complete = false;
    this.revise((state) => dropBefore(state, first.n));
  }

  typing(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#quiet(), TYPING_ENDS);
    if (Date.now() - this.#typingSince < TYPING_AGAIN) return;
    this.#typingSince = Date.now();
    this.#show(true);
  }

  markRead(n: number): Promise<void> {
    return this.mutate({ type: "read", n });
  }

  mute(n: number, duration?: number): Promise<void> {
    return this.mutate({ type: "mute", n, ...(duration !== undefined && { for: duration }) });
  }

  unmute(person: Person): Promise<void> {
    return this.mutate({ type: "unmute", person });
  }

  ban(n: number, duration?: number): Promise<void> {
    return this.mutate({ type: "ban", n, ...(duration !== undefined && { for: duration }) });
  }

  unban(person: Person): Promise<void> {
    return this.mutate({ type: "unban", person });
  }

  setRules(rules: Partial<Rules>): Promise<void> {
    return this.mutate({ type: "rules", ...rules });
  }

  override pause(): void {
    this.#quiet();
    super.pause();
  }

  #post(key: string, text: string, reply: number | undefined): Promise<void> {
    const intent: ChatIntent = { type: "send", text, key, ...(reply !== undefined && { reply }) };
    const send = (): Promise<void> => this.mutate(intent);
    try {
      jsonText(intent);
    } catch {
      return send();
    }
    this.#outbox.add(key, text, reply, this.now);
    this.#fresh = false;
    const { phase } = this.status;
    const now = phase === "closed";
    // Whoever writes offline expects to wait; whoever writes now should see a long wait as a refusal.
    const sent = now ? send() : this.#queue.add(send, { patient: phase !== "live" });
    if (phase === "live") this.#queue.go();
    // Looked at here, so that a refusal which nobody else looks at is only in `messages`.
    void sent
      .then(
        () => this.#outbox.remove(key),
        (error: unknown) => this.#outbox.refuse(key, error as RoomcastError),
      )
      .then(() => this.#again());
    if (!now) this.emit();
    return sent;
  }

  #again(): void {
    this.#fresh = false;
    this.emit();
  }

  #author(): Author {
    return {
      person: this.me,
      name: this.user?.name ?? this.#self?.name ?? "",
      ...(this.#self?.color !== undefined && { color: this.#self.color }),
    };
  }

  #follow(): void {
    const epoch = this.version?.split(".")[0] ?? "";
    if (epoch !== this.#epoch) this.#pages.reset();
    this.#epoch = epoch;
    const { status } = this;
    if (status.phase === "live") {
      this.#pages.fill();
      this.#queue.go();
    } else if (status.phase === "closed") {
      this.#pages.stop();
      clearTimeout(this.#typing);
      this.#queue.end(() => new RoomcastError(status.code ?? "closed", status.reason));
    }
  }

  #quiet(): void {
    if (this.#typing === undefined) return;
    clearTimeout(this.#typing);
    this.#typing = undefined;
    this.#typingSince = 0;
    this.#show(false);
  }

  #show(typing: boolean): void {
    if (this.#self === undefined) return;
    // The room makes a time of it, by its own clock.
    this.presence.set({ ...this.#self, ...(typing && { typing: true }) } as unknown as ChatPresence);
  }

  #count(): void {
    clearTimeout(this.#leaving);
    const { members, until } = countMembers(this.presence.peers, this.me, this.now);
    this.#members = same(this.#members, members) ? this.#members : members;
    if (until !== undefined) this.#leaving = setTimeout(() => this.#count(), until - this.now + 50);
    this.emit();
  }
}

function same(one: readonly ChatMember[], other: readonly ChatMember[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const CHATS: RoomType<ChatRoom> = { path: "chat", make: (id, place, options) => new ChatRoom(id, place, options) };

/**
 * A chat room of a server: `chat(connect(), "lobby")`. The same handle each time, until it is closed. Throws a
 * RoomcastError with code `bad_room_id` for an id that no room can have.
 */
export function chat(rooms: Opener, id: string): ChatHandle {
  return rooms.open(CHATS, id);
}
