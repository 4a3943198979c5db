import { compileFilter, type Passes } from "../../kinds/stream/filter.ts";
import { onOneLine } from "../../kinds/stream/split.ts";
import { STREAM_LIMITS } from "../../kinds/stream/limits.ts";
import type { StreamOp, StreamState } from "../../kinds/stream/types.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { Dialect, Step } from "../dialect.ts";

/** The filter of the socket's address; empty where it has none. */
type Session = string;

/**
 * Streams for those who know nothing of rooms: a WebSocket without a subprotocol.
 *
 * - Each event is one frame: its JSON text, exactly as it was published.
 * - Those of the past first, as many as `last` in the route's parameters asks for; then each one as it comes.
 * - What the client sends is not read.
 */
export const rawEvents: Dialect<Session, StreamState, StreamOp> = {
  name: "raw-events",
  start: "",
  step(session, event) {
    switch (event.type) {
      case "open": {
        const { filter, last } = event.params;
        const wanted = typeof filter === "string" ? filter : "";
        const past = typeof last === "number" ? (event.recent?.(Math.min(last, STREAM_LIMITS.rawPast)) ?? []) : [];
        return { session: wanted, frames: texts(past, wanted), commands: [] };
      }
      case "run": {
        const { changes, once } = event.run;
        const make = (): readonly string[] =>
          texts(
            changes.map(({ op }) => op),
            session,
          );
        return say(session, once(make, session));
      }
      case "refused":
      case "frame":
      case "reset":
      case "joined":
      case "left":
        return say(session, []);
    }
  },
};

function say(session: Session, frames: readonly string[]): Step<Session> {
  return { session, frames, commands: [] };
}

function texts(ops: readonly StreamOp[], filter: string): readonly string[] {
  const passes = passesOf(filter);
  // What is no event is nothing to those who read events.
  return ops.flatMap((op) => (op.type === "event" && passes(op.event) ? [onOneLine(op.event.data)] : []));
}

/** Compiled filters, the ones in use: a room has few. */
const compiled = new Map<string, Passes>();
const MOST = 100;

function passesOf(filter: string): Passes {
  let passes = compiled.get(filter);
  if (passes === undefined) {
    const made = compileFilter(filter);
    // The route has checked it.
    passes = made instanceof Refusal ? () => false : made;
    if (compiled.size >= MOST) compiled.clear();
    compiled.set(filter, passes);
  }
  return passes;
}
