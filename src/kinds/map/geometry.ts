import type { Geometry, LngLat } from "./types.ts";

/** Where a value is not what it should be. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * The first fault of a position: two finite numbers, longitude -180 to 180, then latitude -90 to 90. Both sides of
 * the antimeridian are positions, 180 and -180.
 */
export function positionFault(value: unknown): Fault | undefined {
  if (!Array.isArray(value) || value.length !== 2) return fault("Expected [longitude, latitude]");
  const [lng, lat] = value as readonly unknown[];
  if (!within(lng, 180)) return { path: [0], message: `A longitude is -180 to 180, not ${show(lng)}` };
  if (!within(lat, 90)) return { path: [1], message: `A latitude is -90 to 90, not ${show(lat)}` };
  return undefined;
}

/** The first fault of a geometry. What comes through is exactly a `Geometry`, with no member besides. */
export function geometryFault(value: unknown): Fault | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fault("Expected a geometry");
  const { type, coordinates, ...rest } = value as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(rest);
  if (other !== undefined) return { path: [other], message: "A geometry has type and coordinates, nothing else" };
  switch (type) {
    case "Point":
      return below("coordinates", positionFault(coordinates));
    case "LineString":
      return below("coordinates", lineFault(coordinates, 2, "A line has two positions or more"));
    case "Polygon":
      return below("coordinates", polygonFault(coordinates));
    default:
      return { path: ["type"], message: "A geometry is a Point, a LineString or a Polygon" };
  }
}

/** The same area with its rings as RFC 7946 has them: the outer one counter-clockwise, holes clockwise. */
export function rewound(geometry: Geometry): Geometry {
  if (geometry.type !== "Polygon") return geometry;
  const rings = geometry.coordinates.map((ring, index) => {
    const turn = turnOf(ring);
    return turn !== 0 && turn > 0 === index > 0 ? ring.toReversed() : ring;
  });
  return { type: "Polygon", coordinates: rings };
}

/** More than 0 for a ring that goes counter-clockwise. Each step takes the shorter way around the earth. */
function turnOf(ring: readonly LngLat[]): number {
  let sum = 0;
  let x = 0;
  for (const [at, [lng, lat]] of ring.entries()) {
    const [nextLng, nextLat] = ring[at + 1] ?? [lng, lat];
    const step = nextLng - lng - 360 * Math.trunc((nextLng - lng) / 180.000_000_1);
    sum += x * nextLat - (x + step) * lat;
    x += step;
  }
  return sum;
}

/** How many positions it has. */
export function verticesOf(geometry: Geometry): number {
  switch (geometry.type) {
    case "Point":
      return 1;
    case "LineString":
      return geometry.coordinates.length;
    case "Polygon":
      return geometry.coordinates.reduce((sum, ring) => sum + ring.length, 0);
  }
}

export function below(key: string | number, found: Fault | undefined): Fault | undefined {
  return found === undefined ? undefined : { path: [key, ...found.path], message: found.message };
}

function lineFault(value: unknown, least: number, tooShort: string): Fault | undefined {
  if (!Array.isArray(value) || value.length < least) return fault(tooShort);
  for (const [at, position] of (value as readonly unknown[]).entries()) {
    const found = positionFault(position);
    if (found !== undefined) return below(at, found);
  }
  return undefined;
}

function polygonFault(value: unknown): Fault | undefined {
  if (!Array.isArray(value) || value.length === 0) return fault("A polygon has a ring or more");
  for (const [at, ring] of (value as readonly unknown[]).entries()) {
    const found = lineFault(ring, 4, "A ring has four positions or more, the last the same as the first");
    if (found !== undefined) return below(at, found);
    const positions = ring as readonly LngLat[];
    const [first, last] = [positions[0], positions.at(-1)];
    if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) {
      return below(at, {
        path: [positions.length - 1],
        message: "The last position of a ring is the same as its first",
      });
    }
  }
  return undefined;
}

function within(value: unknown, limit: number): value is number {
  // Comparisons with NaN are false.
  return typeof value === "number" && value >= -limit && value <= limit;
}

function fault(message: string): Fault {
  return { path: [], message };
}

function show(value: unknown): string {
  if (typeof value === "number" || value === null) return String(value);
  const type = typeof value;
  return value === undefined ? "missing" : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}
