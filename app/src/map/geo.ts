import { distance, lengthOf } from "../../../src/kinds/map/geo.ts";
import type { Feature, Geometry, LngLat } from "roomcast";

export { distance, greatCircle, lengthOf } from "../../../src/kinds/map/geo.ts";

export type Line = readonly LngLat[];
export type Bounds = readonly [southWest: LngLat, northEast: LngLat];

/** A longitude within -180 and 180, a latitude that a map can show, both with six decimals: a hand's breadth. */
export function tidy([lng, lat]: LngLat): LngLat {
  const wrapped = ((((lng + 180) % 360) + 360) % 360) - 180;
  return [round(wrapped), round(Math.max(-90, Math.min(90, lat)))];
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

/** Every position of a geometry; of an area its outer ring, without the last, which is the first. */
export function positionsOf(geometry: Geometry): Line {
  switch (geometry.type) {
    case "Point":
      return [geometry.coordinates];
    case "LineString":
      return geometry.coordinates;
    case "Polygon":
      return (geometry.coordinates[0] ?? []).slice(0, -1);
  }
}

/** The same geometry with other positions. */
export function withPositions(geometry: Geometry, line: Line): Geometry {
  const [first] = line;
  if (first === undefined) return geometry;
  switch (geometry.type) {
    case "Point":
      return { type: "Point", coordinates: first };
    case "LineString":
      return { type: "LineString", coordinates: line };
    case "Polygon":
      return { type: "Polygon", coordinates: [[...line, first], ...geometry.coordinates.slice(1)] };
  }
}

/** The same place with the longitude, past 180 if need be, at which it is within half of the earth of another. */
export function near([lng, lat]: LngLat, other: number): LngLat {
  const turns = Math.abs(other - lng) <= 180 ? 0 : Math.round((other - lng) / 360);
  return turns === 0 ? [lng, lat] : [round(lng + turns * 360), lat];
}

/** A line with longitudes that go on past 180 where it crosses the antimeridian: each step takes the shorter way. */
export function unwrap(line: Line): Line {
  const whole: LngLat[] = [];
  for (const place of line) whole.push(near(place, whole.at(-1)?.[0] ?? place[0]));
  return whole;
}

/** A geometry as it is drawn: across the antimeridian, not around the earth. What is stored has no longitude past 180. */
export function unwrapped(geometry: Geometry): Geometry {
  switch (geometry.type) {
    case "Point":
      return geometry;
    case "LineString":
      return { type: "LineString", coordinates: unwrap(geometry.coordinates) };
    case "Polygon": {
      const [start] = geometry.coordinates[0] ?? [];
      // A hole is in the same turn of the earth as what it is in.
      const rings = geometry.coordinates.map((ring) => unwrap(start ? [start, ...ring] : ring).slice(start ? 1 : 0));
      return { type: "Polygon", coordinates: rings };
    }
  }
}

/** The smallest box around these lines; a place is a line of one. Its east is over 180 where it crosses the antimeridian. */
export function boundsOf(lines: Iterable<Line>): Bounds | undefined {
  const spans: [west: number, east: number][] = [];
  let [south, north] = [90, -90];
  for (const line of lines) {
    if (line.length === 0) continue;
    let [west, east] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [lng, lat] of unwrap(line)) {
      [west, east] = [Math.min(west, lng), Math.max(east, lng)];
      [south, north] = [Math.min(south, lat), Math.max(north, lat)];
    }
    const turn = west > 180 || west < -180 ? Math.floor((west + 180) / 360) * 360 : 0;
    spans.push([west - turn, east - turn]);
  }
  spans.sort(([a], [b]) => a - b);
  const [first] = spans;
  if (first === undefined) return undefined;
  const [west, east] = around(spans, first[0]);
  return [
    [west, south],
    [east, north],
  ];
}

/** The stretch of longitudes without the widest gap between these. Of equal gaps it is that at the antimeridian. */
function around(spans: readonly (readonly [west: number, east: number])[], first: number): readonly [number, number] {
  let reach = Math.max(...spans.map(([, east]) => east - 360));
  let widest = first - reach;
  let [west, east] = [first, reach + 360];
  reach = Math.max(reach, first);
  for (const [start, end] of spans) {
    if (start - reach > widest) {
      widest = start - reach;
      [west, east] = [start, reach + 360];
    }
    reach = Math.max(reach, end);
  }
  return widest > 0 ? [west, east] : [-180, 180];
}

const RADIUS = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Square metres within a ring on the sphere: of its two sides the smaller. */
export function areaOf(ring: Line): number {
  let sum = 0;
  for (const [i, [lng, lat]] of ring.entries()) {
    const [nextLng, nextLat] = near(ring[(i + 1) % ring.length] ?? [lng, lat], lng);
    sum += (nextLng - lng) * RADIANS * (2 + Math.sin(lat * RADIANS) + Math.sin(nextLat * RADIANS));
  }
  const side = Math.abs(sum / 2);
  return Math.min(side, 4 * Math.PI - side) * RADIUS * RADIUS;
}

/** A circle on the ground of so many metres, as a ring. */
export function circle([lng, lat]: LngLat, metres: number): Line {
  const degrees = metres / RADIUS / RADIANS;
  const across = degrees / Math.max(0.01, Math.cos(lat * RADIANS));
  return Array.from({ length: 49 }, (_, i): LngLat => {
    const turn = (i / 48) * 2 * Math.PI;
    return [lng + across * Math.cos(turn), lat + degrees * Math.sin(turn)];
  });
}

/** Metres for people: `640 m`, `3.2 km`, `1,204 km`. */
export function metres(value: number): string {
  if (value < 1000) return `${Math.round(value)} m`;
  const km = value / 1000;
  return `${km < 100 ? km.toFixed(1) : Math.round(km).toLocaleString("en")} km`;
}

export function squareMetres(value: number): string {
  if (value < 100_000) return `${Math.round(value).toLocaleString("en")} m²`;
  const km = value / 1_000_000;
  return `${km < 100 ? km.toFixed(1) : Math.round(km).toLocaleString("en")} km²`;
}

/** Seconds for people: `8 min`, `2 h 05 min`. */
export function duration(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `59.9139° N, 10.7522° E`. */
export function coordinates([lng, lat]: LngLat): string {
  return `${Math.abs(lat).toFixed(4)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(lng).toFixed(4)}° ${lng < 0 ? "W" : "E"}`;
}

/** What there is to say of a geometry in a few words: where a pin is, how long a route, how large an area. */
export function measure(geometry: Geometry): string {
  switch (geometry.type) {
    case "Point":
      return coordinates(geometry.coordinates);
    case "LineString":
      return metres(lengthOf(geometry.coordinates));
    case "Polygon":
      return squareMetres(areaOf(positionsOf(geometry)));
  }
}

/** Half way between two places as a map draws it, which has Mercator's projection. */
export function middleOnMap([aLng, aLat]: LngLat, [bLng, bLat]: LngLat): LngLat {
  const north = (lat: number) => Math.asinh(Math.tan(Math.max(-89.9, Math.min(89.9, lat)) * RADIANS));
  return [(aLng + bLng) / 2, Math.atan(Math.sinh((north(aLat) + north(bLat)) / 2)) / RADIANS];
}

export type Sort = "Pin" | "Route" | "Area";

export function sortOf({ type }: Geometry): Sort {
  return type === "Point" ? "Pin" : type === "LineString" ? "Route" : "Area";
}

export function titleOf(feature: Pick<Feature, "title" | "geometry">): string {
  const title = feature.title?.trim() ?? "";
  return title === "" ? `Untitled ${sortOf(feature.geometry).toLowerCase()}` : title;
}

/** Where between two positions of a line a place is nearest: the index that a new position there would get. */
export function indexOnLine(line: Line, place: LngLat): number {
  let best = line.length;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, position] of line.entries()) {
    const next = line[i + 1];
    if (next === undefined) break;
    const detour = distance(position, place) + distance(place, next) - distance(position, next);
    if (detour < least) [best, least] = [i + 1, detour];
  }
  return best;
}
