import type { RoomMessage } from "../../protocol/room/index.ts";
import type { Ops } from "../../protocol/room/ops.ts";
import type { DurableInfo } from "../../room/durable/api.ts";
import type { EventItem } from "../event-text.ts";
import { cursorAfter } from "./cursor.ts";
import { eventData } from "./format.ts";
import { formatOffset } from "./offset.ts";
import { hear } from "./ops.ts";

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
  #head = 0;
  #closed: boolean;

  constructor(info: DurableInfo, seq: number, cursor: string | null) {
    this.#info = info;
    this.#seq = seq;
    this.#at = seq;
    this.#cursor = cursor;
    this.#closed = false;
  }

  message(message: RoomMessage): readonly EventItem[] {
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
    const heard = hear(message, this.#seq);
    const { messages } = heard;
    this.#closed ||= heard.closed;
    this.#seq = Math.max(this.#seq, heard.last);
    const caughtUp = this.#seq >= this.#head;
    const closed = this.#closed && caughtUp;
    let text = "";
    for (const [index, { data, at }] of messages.entries()) {
      this.#at = at;
      const last = index === messages.length - 1;
      text += `event: data\n${lines(eventData(this.#info, data))}${this.#control(last && closed, last && caughtUp)}`;
    }
    // The mark that it was made, or closed, without data.
    if (messages.length === 0 && (closed || caughtUp)) text = this.#control(closed);
    return [...(text === "" ? [] : [{ text }]), ...this.#end(closed)];
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
    .map((line) => `data:${line}`)
    .join("\n")}\n\n`;
}
