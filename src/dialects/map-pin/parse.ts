import { isObject, own } from "../../kinds/json/object.ts";
import { tooDeep } from "../../kinds/json/measure.ts";
import { wellFormedJson } from "../../kinds/json/well-formed.ts";
import { positionFault } from "../../kinds/map/geometry.ts";
import type { LngLat } from "../../kinds/map/types.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import { parseObject } from "../frame.ts";

/** What a client of the one-pin format says. */
export type PinFrame =
  | { readonly type: "setPin"; readonly at: LngLat }
  /** `pong` is the answer, with what came with the ping. */
  | { readonly type: "ping"; readonly pong: JsonObject };

/** A frame of the one-pin wire format. Further members are ignored. */
export function parsePinFrame(data: string | ArrayBuffer): PinFrame | Refusal {
  const frame = parseObject(data);
  if (frame instanceof Refusal) return frame;
  const type: unknown = own(frame, "type");
  switch (type) {
    case "ping":
      // Before it is read or written by what calls itself for each level.
      if (tooDeep(frame, DEFAULT_LIMITS.depth + 1))
        return refuse("too_deep", `Values may be nested ${DEFAULT_LIMITS.depth} deep.`);
      return {
        type: "ping",
        pong: pongOf(
          typeof data === "string" && LONG_NUMBER.test(data)
            ? (JSON.parse(wellFormedJson(data), asWritten) as JsonObject)
            : frame,
        ),
      };
    case "setPin":
      return parseLocation(own(frame, "location"));
    default:
      return refuse("bad_message", 'The "type" is "setPin" or "ping".', { path: "/type" });
  }
}

/** Numbers that a double may not hold, such as nanoseconds since 1970. */
const LONG_NUMBER = /\d{16}|\de/i;

/** Keeps a number as it was written, for `JSON.stringify` to write again. */
function asWritten(_key: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined ? rawJson(source) : value;
}

/** Not in every type library yet. */
const rawJson = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON;

function parseLocation(location: unknown): PinFrame | Refusal {
  if (!isObject(location)) {
    return refuse("bad_message", 'Expected "location": {"lat": <degrees>, "lng": <degrees>}.', { path: "/location" });
  }
  const at = [own(location, "lng"), own(location, "lat")];
  const fault = positionFault(at);
  if (fault === undefined) return { type: "setPin", at: at as unknown as LngLat };
  return refuse("bad_message", `${fault.message}.`, { path: `/location/${fault.path[0] === 0 ? "lng" : "lat"}` });
}

/** Those of the two that the ping has, as they are. */
function pongOf(frame: JsonObject): JsonObject {
  const [id, clientTime] = [own(frame, "id"), own(frame, "clientTime")];
  return { type: "pong", ...(id === undefined ? {} : { id }), ...(clientTime === undefined ? {} : { clientTime }) };
}
