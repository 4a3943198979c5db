import type { ChatHandle, ChatMessage } from "roomcast";
import { type RecentRoom, recentRooms, rememberRead } from "./rooms.ts";
import { Store } from "./store.ts";

export interface ReadState {
  /** The number of the first message that is new to this person; undefined for none. */
  readonly newFrom: number | undefined;
  /** How many of others have come since this person last looked at the end of the talk. */
  readonly unread: number;
  /** The number of the last message that was read; 0 for none. */
  readonly read: number;
}

interface View {
  readonly messages: readonly ChatMessage[] | undefined;
  readonly isMine: (message: ChatMessage) => boolean;
  /** The end of the talk is in view. */
  readonly atEnd: boolean;
  /** The history that the messages are of. */
  readonly epoch: string;
}

/** How many messages of others somebody who has read as far as `room` says has not seen; deleted ones do not count. */
export function countUnread(
  messages: readonly ChatMessage[],
  { read, epoch }: Pick<RecentRoom, "read" | "epoch">,
  { me, version = "" }: Pick<ChatHandle, "me" | "version">,
): number {
  const isSameHistory = epoch === undefined || epoch === version.split(".")[0];
  const after = isSameHistory ? read : 0;
  return messages.filter(({ n, from, deleted }) => n > after && from !== me && deleted === undefined).length;
}

/**
 * What of a room has been read: all that was at the end of the list while somebody looked at it. What was new stays
 * marked until the next time they come back to something new.
 */
export class Reading extends Store {
  readonly #id: string;
  readonly #looking: () => boolean;
  #read: number;
  #epoch: string | undefined;
  #state: ReadState;
  #view: View | undefined;
  #begun = false;

  /** `looking`: whether somebody sits before the page. */
  constructor(id: string, looking: () => boolean) {
    super();
    this.#id = id;
    this.#looking = looking;
    const room = recentRooms().find((each) => each.id === id);
    this.#read = room?.read ?? 0;
    this.#epoch = room?.epoch;
    this.#state = { newFrom: undefined, unread: 0, read: this.#read };
  }

  readonly state = (): ReadState => this.#state;

  /** Follows whether somebody looks; returns the way to stop. */
  start(): () => void {
    const look = () => this.#update();
    const targets: readonly (readonly [EventTarget, string])[] = [
      [window, "focus"],
      [window, "blur"],
      [document, "visibilitychange"],
    ];
    for (const [target, name] of targets) target.addEventListener(name, look);
    return () => {
      for (const [target, name] of targets) target.removeEventListener(name, look);
    };
  }

  show(view: View): void {
    this.#view = view;
    this.#update();
  }

  #update(): void {
    if (this.#view?.messages === undefined) return;
    const { messages, isMine, atEnd, epoch } = this.#view;
    const another = this.#epoch !== undefined && this.#epoch !== epoch;
    if (another) this.#read = 0;
    this.#epoch = epoch;
    const seen = atEnd && this.#looking();
    const last = messages.findLast(({ n }) => n > 0)?.n ?? 0;
    let newFrom = another ? undefined : this.#state.newFrom;
    const fresh = messages.filter((message) => message.n > this.#read && !isMine(message));
    // On a first visit all is new, and nothing is worth a mark.
    if (fresh[0] !== undefined && this.#read > 0 && (!this.#begun || !seen) && (newFrom ?? 0) <= this.#read) {
      newFrom = fresh[0].n;
    }
    this.#begun = true;
    if (seen && last > this.#read) {
      this.#read = last;
      rememberRead(this.#id, last, epoch);
    }
    const unread = seen ? 0 : fresh.length;
    const read = this.#read;
    const before = this.#state;
    if (newFrom === before.newFrom && unread === before.unread && read === before.read) return;
    this.#state = { newFrom, unread, read };
    this.emit();
  }
}
