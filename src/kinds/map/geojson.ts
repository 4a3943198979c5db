import { tooDeep } from "../json/measure.ts";
import { own, isObject } from "../json/object.ts";
import { formatPointer } from "../json/pointer.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { featuresOf } from "./features.ts";
import { FileChanges, fitFeature, type FeatureParts, type FileChange, type FilePart } from "./fit.ts";
import { isSamePlace, positionFault, rewound, wrapPosition, type Fault } from "./geometry.ts";
import { MAP_LIMITS, type MapLimits } from "./limits.ts";
import { readFields, sourceOf } from "./properties.ts";
import type { Feature, Geometry, ImportedFeature, LngLat, MapState } from "./types.ts";

/** What a file came to. */
export interface ReadFile {
  readonly features: readonly ImportedFeature[];
  /** Parts of the file that have no place on a map, such as features without a geometry. */
  readonly skipped: number;
  /** What was cut, split or left out; absent where nothing was. */
  readonly changes?: readonly FileChange[];
  /** Changes beyond those listed. */
  readonly moreChanges?: number;
}

/** A file that cannot be taken, and where it is wrong. */
export class FileFault {
  readonly message: string;
  /** JSON Pointer into GeoJSON. */
  readonly path?: string;

  constructor(message: string, path?: string) {
    this.message = message;
    if (path !== undefined) this.path = path;
  }
}

/** Features as they are exported: by when they were made, then by id, so that the same map gives the same file. */
export function sortedFeatures(
  state: Pick<MapState, "features">,
): readonly (readonly [id: string, feature: Feature])[] {
  return [...featuresOf(state)].sort(
    ([a, one], [b, other]) => one.made.at - other.made.at || (a < b ? -1 : a > b ? 1 : 0),
  );
}

/** The map as a FeatureCollection (RFC 7946). What `readGeoJson` makes of it is the same features again. */
export function toGeoJson(state: Pick<MapState, "features">): JsonObject {
  const features = sortedFeatures(state).map(([id, { geometry, ...properties }]) => ({
    type: "Feature",
    id,
    geometry: rewound(geometry),
    properties,
  }));
  // Features are JSON, which the type of an interface does not say.
  return { type: "FeatureCollection", features } as unknown as JsonObject;
}

/**
 * The features of a GeoJSON value: a FeatureCollection, a Feature or a geometry. Multi-geometries and collections
 * become one feature each part; heights are dropped. Of properties, `title` or `name`, `note`, `description` or
 * `desc`, `color`, `marker-color` or `stroke`, `icon` or `marker-symbol` are taken; the others become metadata. A
 * feature over a limit is cut, split or simplified; empty geometries are skipped.
 */
export function readGeoJson(value: unknown, limits: MapLimits = MAP_LIMITS): ReadFile | FileFault {
  const features: ImportedFeature[] = [];
  const changes = new FileChanges();
  let skipped = 0;
  try {
    for (const found of featureValues(value)) {
      const read = readFeature(found);
      if (read.length === 0) skipped += 1;
      for (const feature of read) features.push(...fitFeature(limits, feature, partsOf(found), changes));
    }
  } catch (error) {
    if (error instanceof Thrown) return error.fault;
    throw error;
  }
  return { features, skipped, ...changes.members };
}

/** What the file calls the parts of a feature. */
function partsOf({ feature, path, geometry }: Found): FeatureParts {
  const value = own(feature, "properties");
  const properties = isObject(value) ? value : {};
  const property = (...keys: readonly string[]): FilePart => ({
    name: `"${(keys.at(-1) ?? "").slice(0, MAX_NAME)}"`,
    path: path + formatPointer(["properties", ...keys]),
  });
  return {
    field: (field) =>
      field === "geometry" ? { name: "The geometry", path: geometry } : property(sourceOf(field, properties)),
    metadata: (key) => {
      const metadata = own(properties, "metadata");
      return isObject(metadata) && Object.hasOwn(metadata, key) ? property("metadata", key) : property(key);
    },
  };
}

/** Ends the reading of a file. Never leaves this module. */
class Thrown extends Error {
  readonly fault: FileFault;

  constructor(message: string, path: string) {
    super(message);
    this.fault = new FileFault(message, path);
  }
}

type Place = string;

/** Longer names of a file are cut in messages. */
const MAX_NAME = 60;

interface Found {
  readonly feature: JsonObject;
  readonly path: Place;
  /** Where its geometry stands. */
  readonly geometry: Place;
}

function* featureValues(value: unknown): Generator<Found> {
  const root = objectAt(value, "");
  const type = own(root, "type");
  if (type === "FeatureCollection") {
    const features = own(root, "features");
    if (!Array.isArray(features)) throw new Thrown("A FeatureCollection has a list of features", "/features");
    for (const [index, feature] of (features as readonly unknown[]).entries()) {
      const path = `/features/${index}`;
      const found = objectAt(feature, path);
      if (own(found, "type") !== "Feature") throw new Thrown('Expected "type": "Feature"', `${path}/type`);
      yield { feature: found, path, geometry: `${path}/geometry` };
    }
  } else if (type === "Feature") yield { feature: root, path: "", geometry: "/geometry" };
  else yield { feature: { type: "Feature", geometry: root }, path: "", geometry: "" };
}

function readFeature({ feature, path, geometry: place }: Found): readonly ImportedFeature[] {
  const geometry = own(feature, "geometry");
  const properties = own(feature, "properties") ?? null;
  if (properties !== null && !isObject(properties))
    throw new Thrown("Expected an object or null", `${path}/properties`);
  if (tooDeep(properties, DEFAULT_LIMITS.depth)) {
    throw new Thrown(`Properties may be nested ${DEFAULT_LIMITS.depth} deep`, `${path}/properties`);
  }
  if (geometry === null) return [];
  const parts = readGeometry(geometry, place);
  const fields = readFields(properties ?? {});
  const id = own(feature, "id");
  const named = parts.length === 1 && typeof id === "string" && /^[\w.:-]{1,64}$/.test(id) ? { id } : {};
  return parts.map((part) => ({ ...named, ...fields, geometry: part }));
}

/** How deep collections may hold collections. */
const NESTING = 8;

function readGeometry(value: unknown, path: Place, depth = 0): readonly Geometry[] {
  const geometry = objectAt(value, path);
  const type: unknown = own(geometry, "type");
  const at = `${path}/coordinates`;
  const coordinates = own(geometry, "coordinates");
  switch (type) {
    case "Point":
    case "LineString":
    case "Polygon":
      return readPart(type, coordinates, at);
    case "MultiPoint":
    case "MultiLineString":
    case "MultiPolygon": {
      const part = type.slice("Multi".length);
      return listAt(coordinates ?? [], at).flatMap((each, index) => readPart(part, each, `${at}/${index}`));
    }
    case "GeometryCollection": {
      if (depth >= NESTING) throw new Thrown(`Collections may be nested ${NESTING} deep`, path);
      const inner = `${path}/geometries`;
      return listAt(own(geometry, "geometries"), inner).flatMap((each, index) =>
        readGeometry(each, `${inner}/${index}`, depth + 1),
      );
    }
    default:
      throw new Thrown("Not a GeoJSON geometry", `${path}/type`);
  }
}

/** A simple geometry, or a part of a multi-geometry; nothing where it is empty. */
function readPart(type: string, coordinates: unknown, path: Place): readonly Geometry[] {
  if (isEmpty(coordinates)) return [];
  if (type === "Point") return [{ type, coordinates: readPosition(coordinates, path) }];
  if (type === "LineString") return [{ type, coordinates: readLine(coordinates, path) }];
  return [{ type: "Polygon", coordinates: readRings(coordinates, path) }];
}

/** Coordinates of an empty geometry, as programs write them: `[]`, `null`, rings without positions, `[null, null]`. */
function isEmpty(coordinates: unknown): boolean {
  if (coordinates === null) return true;
  if (!Array.isArray(coordinates)) return false;
  return (coordinates as readonly unknown[]).every(
    (each) => each === null || (Array.isArray(each) && each.length === 0),
  );
}

function readRings(value: unknown, path: Place): readonly (readonly LngLat[])[] {
  const rings = listAt(value, path);
  if (rings.length === 0) throw new Thrown("A polygon has a ring or more", path);
  return rings.map((each, index) => {
    const ring = readPositions(each, `${path}/${index}`);
    const [first, last] = [ring[0], ring.at(-1)];
    if (ring.length < 4) throw new Thrown("A ring has four positions or more", `${path}/${index}`);
    if (first === undefined || last === undefined || !isSamePlace(first, last)) {
      throw new Thrown("The last position of a ring is the same as its first", `${path}/${index}/${ring.length - 1}`);
    }
    return ring;
  });
}

function readLine(value: unknown, path: Place): readonly LngLat[] {
  const line = readPositions(value, path);
  if (line.length < 2) throw new Thrown("A line has two positions or more", path);
  return line;
}

function readPositions(value: unknown, path: Place): readonly LngLat[] {
  return listAt(value, path).map((each, index) => readPosition(each, `${path}/${index}`));
}

function readPosition(value: unknown, path: Place): LngLat {
  const flat = Array.isArray(value) ? (value as readonly Json[]).slice(0, 2) : value;
  const fault: Fault | undefined = positionFault(flat);
  if (fault !== undefined) throw new Thrown(fault.message, [path, ...fault.path].join("/"));
  return wrapPosition(flat as LngLat);
}

function listAt(value: unknown, path: Place): readonly unknown[] {
  if (!Array.isArray(value)) throw new Thrown("Expected a list", path);
  return value as readonly unknown[];
}

function objectAt(value: unknown, path: Place): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Thrown("Expected an object", path);
  return value as JsonObject;
}
