import { formatVersion } from "../protocol/position.ts";
import type { RoomMessage } from "../protocol/room/index.ts";

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

/** Turns the room's native messages into server-sent events. Holds only the position of what was last told. */
export class EventText {
  #epoch = "";
  /** The last op that the reader has. */
  #seq: number;
  #reset: string | undefined;

  /**
   * `seq`: the reader's own position, 0 for none. `reset`: why that was not even asked about; told
   * before the first snapshot.
   */
  constructor(seq = 0, reset?: string) {
    this.#seq = seq;
    this.#reset = reset;
  }

  message(message: RoomMessage): readonly EventItem[] {
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
        const id = formatVersion(message);
        const snapshot = event("snapshot", { value: message.state }, id);
        return reset === undefined ? [{ text: snapshot }] : [{ text: event("reset", { reason: reset }) + snapshot }];
      }
      case "ops": {
        let seq = message.seq;
        let text = "";
        for (const entry of message.entries) {
          for (const op of entry.ops) {
            // A tail begins with a whole run; the reader may have been in the middle of it.
            if (seq > this.#seq) text += event("op", op, formatVersion({ epoch: this.#epoch, seq }));
            seq += 1;
          }
        }
        this.#seq = Math.max(this.#seq, seq - 1);
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
}

/** JSON has no raw line ends, so that one `data` line holds it. */
function event(name: string, data: unknown, id?: string): string {
  return `event: ${name}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
