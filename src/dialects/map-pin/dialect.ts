import { featureOf } from "../../kinds/map/features.ts";
import { THE_PIN, type Geometry, type MapOp, type MapState } from "../../kinds/map/types.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { Change, Dialect, Step } from "../dialect.ts";
import { parsePinFrame } from "./parse.ts";

/**
 * The one-pin wire format of maps: a WebSocket to `/api/map`.
 *
 * - At once, if the pin is set, `{"type":"pinUpdate","location":{"lat":..,"lng":..}}`; then the same each time it is
 *   set or moved, by whomever, also to who sent it. Nothing says that the pin is gone: the format has no word for it.
 * - The client sends `{"type":"setPin","location":{"lat":..,"lng":..}}`.
 * - `{"type":"ping","id":..,"clientTime":..}` is answered to its sender by `pong` with the same values.
 * - What is not carried out is answered by `{"type":"error","error":"<why>","code":"<code>"}`, with `path` where the
 *   fault has one, and changes nothing.
 *
 * The pin is the feature `THE_PIN`. There is nothing to remember of a connection.
 */
export const mapPin: Dialect<null, MapState, MapOp> = {
  name: "map-pin",
  start: null,
  step(_session, event) {
    switch (event.type) {
      case "open":
        return frames(pinFrames(event.state));
      case "reset":
        return frames(event.once(() => pinFrames(event.state)));
      case "run":
        return frames(event.run.once(() => event.run.changes.flatMap(pinMoves)));
      case "joined":
      case "left":
        return frames([]);
      case "refused":
        return frames([error(event.refusal)]);
      case "frame": {
        const frame = parsePinFrame(event.data);
        if (frame instanceof Refusal) return frames([error(frame)]);
        if (frame.type === "ping") return frames([JSON.stringify(frame.pong)]);
        return { session: null, frames: [], commands: [{ do: "mutate", intents: [{ type: "setPin", at: frame.at }] }] };
      }
    }
  },
};

function frames(texts: readonly string[]): Step<null> {
  return { session: null, frames: texts, commands: [] };
}

function pinFrames(state: MapState): readonly string[] {
  const pin = featureOf(state, THE_PIN);
  return pin === undefined ? [] : pinUpdate(pin.geometry);
}

/** A frame where an op sets the pin, also to where it stands: its geometry is then another object. */
function pinMoves({ before, after }: Change<MapState, MapOp>): readonly string[] {
  const geometry = featureOf(after, THE_PIN)?.geometry;
  return geometry === undefined || geometry === featureOf(before, THE_PIN)?.geometry ? [] : pinUpdate(geometry);
}

function pinUpdate(geometry: Geometry): readonly string[] {
  if (geometry.type !== "Point") return [];
  const [lng, lat] = geometry.coordinates;
  return [JSON.stringify({ type: "pinUpdate", location: { lat, lng } })];
}

function error({ message, code, place }: Refusal): string {
  return JSON.stringify({ type: "error", error: message, code, path: place.path });
}
