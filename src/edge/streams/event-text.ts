import type { StreamOp } from "../../kinds/stream/types.ts";
import { formatVersion } from "../../protocol/position.ts";
import { onOneLine } from "../../kinds/stream/split.ts";
import { positionEvent, type Wording } from "../event-text.ts";

/** For readers of a stream: each event's text as it was published, with its position as `id`. */
export const STREAM_WORDING: Wording = {
  // Whoever is cut off before the first event has a position to come back with.
  snapshot: ({ epoch, seq }, reason) => {
    const oldest = formatVersion({ epoch, seq: seq + 1 });
    const reset = reason === undefined ? "" : `event: reset\ndata: ${JSON.stringify({ reason, oldest })}\n\n`;
    return reset + positionEvent(formatVersion({ epoch, seq }));
  },
  op: (op, id) => {
    const streamOp = op as StreamOp;
    return streamOp.type === "event" ? `id: ${id}\ndata: ${onOneLine(streamOp.event.data)}\n\n` : "";
  },
};
