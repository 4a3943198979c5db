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

export function boundsOf(places: Line): Bounds | undefined {
  const [first] = places;
  if (first === undefined) return undefined;
  let [west, south] = first;
  let [east, north] = first;
  for (const [lng, lat] of places) {
    west = Math.min(west, lng);
    east = Math.max(east, lng);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return [
    [west, south],
    [east, north],
  ];
}

/** The corners of the boxes around these: all that is needed to bring them into view. */
export function extent(geometries: Iterable<Geometry>): Line {
  return Array.from(geometries, (geometry) => boundsOf(positionsOf(geometry)) ?? []).flat();
}

const RADIUS = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Square metres within a ring on the sphere. */
export function areaOf(ring: Line): number {
  let sum = 0;
  for (const [i, [lng, lat]] of ring.entries()) {
    const [nextLng, nextLat] = ring[(i + 1) % ring.length] ?? [lng, lat];
    sum += (nextLng - lng) * RADIANS * (2 + Math.sin(lat * RADIANS) + Math.sin(nextLat * RADIANS));
  }
  return Math.abs((sum * RADIUS * RADIUS) / 2);
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
