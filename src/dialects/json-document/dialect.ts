import { simplify } from "../../kinds/document/simplify.ts";
import type { DocumentOp } from "../../kinds/document/types.ts";
import type { Json } from "../../protocol/json.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { Dialect, Step } from "../dialect.ts";
import { parseSimpleFrame } from "./parse.ts";

/**
 * The simple wire format of documents: a WebSocket without a subprotocol.
 *
 * - At once `{"type":"snapshot","value":...}`, and again whenever the history is replaced.
 * - Then each change as `{"type":"patch","patch":{"op":"set"|"merge","value":...}}`, one op a frame.
 * - The client sends such a patch frame, or its `patch` alone.
 * - What is not carried out is answered by `{"type":"error","error":"<why>","code":"<code>"}`, with `path` where
 *   the fault has one, and changes nothing.
 *
 * There is nothing to remember of a connection.
 */
export const jsonDocument: Dialect<null, Json, DocumentOp> = {
  name: "json-document",
  start: null,
  step(_session, event) {
    switch (event.type) {
      case "open":
        return frames([snapshot(event.state)]);
      case "reset":
        return frames(event.once(() => [snapshot(event.state)]));
      case "run":
        return frames(
          event.run.once(() =>
            event.run.changes.map((change) => JSON.stringify({ type: "patch", patch: simplify(change) })),
          ),
        );
      case "joined":
      case "left":
        return frames([]);
      case "refused":
        return frames([error(event.refusal)]);
      case "frame": {
        const intent = parseSimpleFrame(event.data);
        if (intent instanceof Refusal) return frames([error(intent)]);
        return { session: null, frames: [], commands: [{ do: "mutate", intents: [intent] }] };
      }
    }
  },
};

function frames(texts: readonly string[]): Step<null> {
  return { session: null, frames: texts, commands: [] };
}

function snapshot(value: Json): string {
  return JSON.stringify({ type: "snapshot", value });
}

function error({ message, code, place }: Refusal): string {
  return JSON.stringify({ type: "error", error: message, code, path: place.path });
}
