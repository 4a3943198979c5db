import { endsWithinCharacter } from "../../kinds/stream/durable/bytes.ts";
import { isJson, unitsOf } from "../../kinds/stream/durable/state.ts";
import type { DataOp } from "../../kinds/stream/durable/types.ts";
import type { RoomMessage } from "../../protocol/room/index.ts";
import type { Ops } from "../../protocol/room/ops.ts";
import type { DurableInfo } from "../../room/durable/api.ts";
import type { EventItem } from "../event-text.ts";
import { cursorAfter } from "./cursor.ts";
import { eventData, isText } from "./format.ts";
import { formatOffset } from "./offset.ts";
import { hear } from "./ops.ts";

/** So much is told whether its last character is whole or not, in UTF-16 units. */
const MOST_HELD = 1024 * 1024;

/**
 * Turns a room's frames into the events of the Durable Streams protocol: a `data` event for each message, and after it
 * a `control` event with the offset that follows it.
 */
export class DurableEventText {
  readonly #info: DurableInfo;
  readonly #cursor: string | null;
  /** The op after which the reader has nothing. */
  #seq: number;
  /** The position after the last data: an offset. */
  #at: number;
  /** The position after what is held. */
  #until = 0;
  #head = 0;
  #closed: boolean;
  #ended = false;
  /** Data whose last character has not come whole. Its offset is not told either: who comes back gets it again. */
  #held: readonly DataOp[] = [];

  constructor(info: DurableInfo, seq: number, cursor: string | null) {
    this.#info = info;
    this.#seq = seq;
    this.#at = seq;
    this.#cursor = cursor;
    this.#closed = false;
  }

  message(message: RoomMessage): readonly EventItem[] {
    if (this.#ended) return [];
    switch (message.t) {
      case "welcome":
        this.#head = message.head;
        // Another history: the reader asks again, and hears of it then.
        if (message.resume !== "tail") return [{ end: true }];
        return message.head <= this.#seq
          ? [{ text: this.#control(this.#info.closed) }, ...this.#end(this.#info.closed)]
          : [];
      case "snapshot":
        return [{ end: true }];
      case "ops":
        return this.#ops(message);
      case "mark":
        return [{ mark: message.n }];
      case "presence":
      case "done":
      case "refused":
        return [];
    }
  }

  #ops(message: Ops): readonly EventItem[] {
    // Ops are missing. The reader comes back with the offset that it has, and gets them or is told.
    if (message.seq > this.#seq + 1) {
      this.#ended = true;
      return [{ end: true }];
    }
    const heard = hear(message, this.#seq);
    const { messages } = heard;
    this.#closed ||= heard.closed;
    this.#seq = Math.max(this.#seq, heard.last);
    const caughtUp = this.#seq >= this.#head;
    const closed = this.#closed && caughtUp;
    let text = "";
    for (const [index, { data, at }] of messages.entries()) {
      const last = index === messages.length - 1;
      this.#held = [...this.#held, ...data];
      this.#until = at;
      if (!this.#waits()) text += this.#data(last && closed, last && caughtUp);
    }
    // Nothing will complete it.
    if (closed && this.#held.length > 0) text += this.#data(true, true);
    // The mark that it was made, or closed, without data; or data that has to wait.
    if (text === "" && (closed || caughtUp)) text = this.#control(closed);
    return [...(text === "" ? [] : [{ text }]), ...this.#end(closed)];
  }

  /** What is held, and the offset after it. */
  #data(closed: boolean, upToDate: boolean): string {
    const data = eventData(this.#info, this.#held);
    this.#held = [];
    this.#at = this.#until;
    return `event: data\n${lines(data)}${this.#control(closed, upToDate)}`;
  }

  /** Whether what is held ends in the midst of a character, where readers are given characters. */
  #waits(): boolean {
    if (!isText(this.#info) || isJson(this.#info)) return false;
    const units = this.#held.reduce((sum, op) => sum + unitsOf(op), 0);
    return units < MOST_HELD && endsWithinCharacter(this.#held);
  }

  #end(closed: boolean): readonly EventItem[] {
    return closed ? [{ end: true }] : [];
  }

  #control(closed: boolean, upToDate = true): string {
    const streamNextOffset = formatOffset({ epoch: this.#info.epoch, seq: this.#at });
    const control = closed
      ? { streamNextOffset, streamClosed: true }
      : {
          streamNextOffset,
          streamCursor: cursorAfter(this.#cursor, Date.now()),
          ...(upToDate ? { upToDate: true } : {}),
        };
    return `event: control\n${lines(JSON.stringify(control))}`;
  }
}

/** Every line of it a line of the event, whichever way lines end: none of them can begin another event. */
function lines(text: string): string {
  return `${text
    .split(/\r\n|\r|\n/)
    // One space after the colon is not of the data.
    .map((line) => (line.startsWith(" ") ? `data: ${line}` : `data:${line}`))
    .join("\n")}\n\n`;
}
