import type { JsonObject } from "../../protocol/json.ts";
import { size } from "../json/measure.ts";
import { featureOf } from "./features.ts";
import { verticesOf } from "./geometry.ts";
import type { Feature, Geometry, LngLat, MapSize, MapState } from "./types.ts";

export const EMPTY: MapSize = { features: 0, vertices: 0, bytes: 0 };

/** Sizes of geometries as JSON, so that a long line is measured once and not at each of its points. */
const sizes = new WeakMap<Geometry, number>();

/** A map's size after these features became what they are; undefined is one that went. */
export function sizeAfter(
  state: Pick<MapState, "features" | "size">,
  changes: Iterable<readonly [id: string, feature: Feature | undefined]>,
): MapSize {
  let { features, vertices, bytes } = state.size;
  for (const [id, after] of changes) {
    const before = featureOf(state, id);
    if (before !== undefined) {
      features -= 1;
      vertices -= verticesOf(before.geometry);
      bytes -= sizeOf(id, before);
    }
    if (after !== undefined) {
      features += 1;
      vertices += verticesOf(after.geometry);
      bytes += sizeOf(id, after);
    }
  }
  return { features, vertices, bytes };
}

/** A line with one position more, or fewer; its size is carried along. */
export function withPositions(
  line: Extract<Geometry, { type: "LineString" }>,
  coordinates: readonly LngLat[],
  changed: LngLat,
): Geometry {
  const after: Geometry = { type: "LineString", coordinates };
  const sign = Math.sign(coordinates.length - line.coordinates.length);
  sizes.set(after, geometrySize(line) + sign * (jsonSize(changed) + 1));
  return after;
}

/** Bytes of a feature in the state's JSON: with its id, a colon and a comma. */
function sizeOf(id: string, { geometry, ...rest }: Feature): number {
  return jsonSize(id) + 2 + jsonSize(rest) + `"geometry":,`.length + geometrySize(geometry);
}

function geometrySize(geometry: Geometry): number {
  let bytes = sizes.get(geometry);
  if (bytes === undefined) {
    bytes = jsonSize(geometry);
    sizes.set(geometry, bytes);
  }
  return bytes;
}

function jsonSize(value: object | string): number {
  // Features are JSON, which the type of an interface does not say.
  return size(value as JsonObject | string);
}
