import type { Geometry, LngLat } from "./types.ts";

/** Where a value is not what it should be. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A hundred turns around the earth: a longitude beyond this is a mistake, such as metres of a projection. */
const MAX_LONGITUDE = 36_000;

/** Wrapped longitudes are rounded to this many decimals (0.1 mm), so that 361.3 becomes 1.3 and not 1.3000000000000114. */
const WRAPPED_DECIMALS = 9;

/**
 * The first fault of a position: a longitude, then a latitude of -90 to 90. A longitude beyond 180 is the same place
 * some turns away, as from a click on a map that repeats: `wrapPosition` brings it back.
 */
export function positionFault(value: unknown): Fault | undefined {
  if (!Array.isArray(value) || value.length !== 2) return fault("Expected [longitude, latitude]");
  const [lng, lat] = value as readonly unknown[];
  const found = longitudeFault(lng);
  if (found !== undefined) return below(0, found);
  if (!within(lat, 90)) return { path: [1], message: `A latitude is -90 to 90, not ${show(lat)}` };
  return undefined;
}

function longitudeFault(value: unknown): Fault | undefined {
  if (within(value, MAX_LONGITUDE)) return undefined;
  return fault(`A longitude is -180 to 180 degrees; one up to ${MAX_LONGITUDE} is wrapped, not ${show(value)}`);
}

/** The same place with a longitude of -180 to 180. Both 180 and -180 stay as they are. */
export function wrapPosition(position: LngLat): LngLat {
  const [lng, lat] = position;
  return lng >= -180 && lng <= 180 ? position : [wrapLongitude(lng), lat];
}

export function wrapLongitude(lng: number): number {
  if (lng >= -180 && lng <= 180) return lng;
  // Odd multiples of 180 keep their side: 540 becomes 180, and -540 becomes -180.
  const turns = Math.sign(lng) * Math.ceil((Math.abs(lng) - 180) / 360);
  return Number((lng - 360 * turns).toFixed(WRAPPED_DECIMALS));
}

/** The same geometry with every longitude between -180 and 180; the same object where all are. */
export function wrapGeometry(geometry: Geometry): Geometry {
  switch (geometry.type) {
    case "Point": {
      const coordinates = wrapPosition(geometry.coordinates);
      return coordinates === geometry.coordinates ? geometry : { type: "Point", coordinates };
    }
    case "LineString": {
      const coordinates = wrapLine(geometry.coordinates);
      return coordinates === geometry.coordinates ? geometry : { type: "LineString", coordinates };
    }
    case "Polygon":
      if (geometry.coordinates.every((ring) => wrapLine(ring) === ring)) return geometry;
      return { type: "Polygon", coordinates: geometry.coordinates.map(wrapLine) };
  }
}

function wrapLine(line: readonly LngLat[]): readonly LngLat[] {
  return line.some((position) => wrapPosition(position) !== position) ? line.map(wrapPosition) : line;
}

/** Whether two positions are the same place, turns around the earth aside. */
export function isSamePlace([lng, lat]: LngLat, [otherLng, otherLat]: LngLat): boolean {
  return lat === otherLat && wrapLongitude(lng) === wrapLongitude(otherLng);
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
    if (first === undefined || last === undefined || !isSamePlace(first, last)) {
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
