import type { StreamOp } from "../../kinds/stream/types.ts";
import { formatVersion } from "../../protocol/position.ts";
import type { RoomMessage } from "../../protocol/room/index.ts";
import type { EventItem } from "../event-text.ts";

/**
 * Turns a stream's native messages into server-sent events: each event's text as it was published, its position as
 * `id`. A position that only moved on, because a filter withheld what was there, is told by an `id` alone: that raises no
 * event in a browser, and its next `Last-Event-ID` is right.
 */
export class StreamEventText {
  #epoch = "";
  /** The position that the reader has. */
  #seq: number;
  #reset: string | undefined;

  /** `seq`: the reader's own position. `reset`: why that was not even asked about. */
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
        const reason = message.reset ?? this.#reset;
        this.#reset = undefined;
        const oldest = formatVersion({ epoch: message.epoch, seq: message.seq + 1 });
        const reset = reason === undefined ? "" : `event: reset\ndata: ${JSON.stringify({ reason, oldest })}\n\n`;
        // Whoever is cut off before the first event has a position to come back with.
        return [{ text: `${reset}id: ${formatVersion(message)}\n\n` }];
      }
      case "ops": {
        let { seq } = message;
        let text = "";
        let told = this.#seq;
        for (const { ops, skip = 0 } of message.entries) {
          for (const op of ops as readonly StreamOp[]) {
            // What is no event is nothing to those who read events.
            if (seq > this.#seq && op.type === "event") {
              text += `id: ${this.#epoch}.${seq}\ndata: ${op.event.data}\n\n`;
              told = seq;
            }
            seq += 1;
          }
          seq += skip;
        }
        this.#seq = Math.max(this.#seq, seq - 1);
        if (told < this.#seq) text += `id: ${this.#epoch}.${this.#seq}\n\n`;
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
