import { formatVersion } from "../protocol/position.ts";
import type { RoomMessage } from "../protocol/room/index.ts";
import type { Ops } from "../protocol/room/ops.ts";
import type { Snapshot } from "../protocol/room/snapshot.ts";

/** What one message of the room is to a reader of events, in order. */
export type EventItem =
  /** Text for the stream. */
  | { readonly text: string }
  /** To be acknowledged to the room once the reader has taken everything before it. */
  | { readonly mark: number }
  /** Nothing more: the response ends. */
  | { readonly end: true };

/** A frame's messages: one or more, one a line. */
export function readFrame(frame: string): readonly RoomMessage[] {
  return frame
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as RoomMessage);
}

/** How a kind of reader is told things: the text of whole events, or "" for what is no event to it. */
export interface Wording {
  /** `reset`: why the reader's own position was of no use; undefined when it had none, or it was. */
  readonly snapshot: (snapshot: Snapshot, reset: string | undefined) => string;
  readonly op: (op: unknown, id: string) => string;
}

/** For readers of a state and what changes it. */
export const STATE_WORDING: Wording = {
  snapshot: (snapshot, reset) => {
    const text = event("snapshot", { value: snapshot.state }, formatVersion(snapshot));
    return reset === undefined ? text : event("reset", { reason: reset }) + text;
  },
  op: (op, id) => event("op", op, id),
};

/** Turns the room's native messages into server-sent events. Holds only the position of what was last told. */
export class EventText {
  readonly #wording: Wording;
  #epoch = "";
  /** The position that the reader has. */
  #seq: number;
  #reset: string | undefined;
  #ended = false;

  /**
   * `seq`: the reader's own position, 0 for none. `reset`: why that was not even asked about; told
   * before the first snapshot.
   */
  constructor(wording: Wording, seq = 0, reset?: string) {
    this.#wording = wording;
    this.#seq = seq;
    this.#reset = reset;
  }

  message(message: RoomMessage): readonly EventItem[] {
    if (this.#ended) return [];
    switch (message.t) {
      case "welcome":
        this.#epoch = message.epoch;
        if (message.resume === "reset") this.#reset = message.reason ?? "epoch";
        return [];
      case "snapshot": {
        this.#epoch = message.epoch;
        this.#seq = message.seq;
        const reset = message.reset ?? this.#reset;
        this.#reset = undefined;
        return [{ text: this.#wording.snapshot(message, reset) }];
      }
      case "ops": {
        // Ops are missing. The reader comes back with the position that it has, and gets them or is told.
        if (message.seq > this.#seq + 1) return this.#end();
        const text = this.#ops(message);
        return text === "" ? [] : [{ text }];
      }
      case "mark":
        return [{ mark: message.n }];
      case "presence":
      case "done":
      case "refused":
        return [];
    }
  }

  #end(): readonly EventItem[] {
    this.#ended = true;
    return [{ end: true }];
  }

  #ops(message: Ops): string {
    let { seq } = message;
    let text = "";
    let told = this.#seq;
    for (const { ops, skip = 0 } of message.entries) {
      for (const op of ops) {
        // A tail begins with a whole run; the reader may have been in the middle of it.
        const event = seq > this.#seq ? this.#wording.op(op, this.#id(seq)) : "";
        if (event !== "") told = seq;
        text += event;
        seq += 1;
      }
      seq += skip;
    }
    this.#seq = Math.max(this.#seq, seq - 1);
    return told < this.#seq ? text + positionEvent(this.#id(this.#seq)) : text;
  }

  #id(seq: number): string {
    return formatVersion({ epoch: this.#epoch, seq });
  }
}

/**
 * Tells a reader its position where no event of its own does. It has a name, so that `onmessage` of an `EventSource` does
 * not get it, and data, because clients ignore an `id` without, or take the block for an event that has none.
 */
export function positionEvent(id: string): string {
  return event("position", { position: id }, id);
}

/** JSON has no raw line ends, so that one `data` line holds it. */
function event(name: string, data: unknown, id?: string): string {
  return `event: ${name}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
