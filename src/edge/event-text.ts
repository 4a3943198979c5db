import { formatVersion } from "../protocol/position.ts";
import type { RoomMessage } from "../protocol/room/index.ts";

/** What one message of the room is to a reader of events, in order. */
export type EventItem =
  /** Text for the stream. */
  | { readonly text: string }
  /** To be acknowledged to the room once the reader has taken everything before it. */
  | { readonly mark: number };

/** Turns the room's native messages into server-sent events. Holds only the epoch, for event ids. */
export class EventText {
  #epoch = "";
  #reset: string | undefined;

  /** `reset`: why the reader's own position was not even asked about; told before the first snapshot. */
  constructor(reset?: string) {
    this.#reset = reset;
  }

  /** A frame: one or more messages, one a line. */
  frame(frame: string): readonly EventItem[] {
    return frame
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .flatMap((line) => this.#message(JSON.parse(line) as RoomMessage));
  }

  #message(message: RoomMessage): readonly EventItem[] {
    switch (message.t) {
      case "welcome":
        this.#epoch = message.epoch;
        if (message.resume === "reset") this.#reset = message.reason ?? "epoch";
        return [];
      case "snapshot": {
        this.#epoch = message.epoch;
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
            text += event("op", op, formatVersion({ epoch: this.#epoch, seq }));
            seq += 1;
          }
        }
        return [{ text }];
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
