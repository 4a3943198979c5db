import type { JsonObject } from "../../protocol/json.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";
import { size, tooDeep } from "../json/measure.ts";
import { verticesOf } from "./geometry.ts";
import type { FeatureChange, MapSize } from "./types.ts";

/** What one map takes before it refuses, besides the room's own limits. */
export interface MapLimits {
  readonly features: number;
  /** Positions of one feature. */
  readonly featureVertices: number;
  /** Positions of all features together. */
  readonly vertices: number;
  /** Metadata of one feature as JSON, bytes. */
  readonly metadataBytes: number;
  /** Nesting of metadata: `{}` is 1 deep. */
  readonly metadataDepth: number;
  /** Characters (UTF-16) of a title and of a note. */
  readonly title: number;
  readonly note: number;
}

export const MAP_LIMITS: MapLimits = {
  features: 20_000,
  featureVertices: 10_000,
  vertices: 200_000,
  metadataBytes: 4 * 1024,
  metadataDepth: 8,
  title: 200,
  note: 4_000,
};

/** The first limit that a change of one feature is over by itself. */
export function overOne(limits: MapLimits, { geometry, title, note, metadata }: FeatureChange): Refusal | undefined {
  if (geometry !== undefined && verticesOf(geometry) > limits.featureVertices) {
    return tooMany("/geometry", `One feature may have ${limits.featureVertices} positions.`);
  }
  if (typeof title === "string" && title.length > limits.title) {
    return tooMany("/title", `A title may have ${limits.title} characters.`);
  }
  if (typeof note === "string" && note.length > limits.note) {
    return tooMany("/note", `A note may have ${limits.note} characters.`);
  }
  return isGiven(metadata) ? overMetadata(limits, metadata) : undefined;
}

function overMetadata(limits: MapLimits, metadata: JsonObject): Refusal | undefined {
  if (tooDeep(metadata, limits.metadataDepth)) {
    return refuse("too_deep", `Metadata may be nested ${limits.metadataDepth} deep.`, { path: "/metadata" });
  }
  if (size(metadata) <= limits.metadataBytes) return undefined;
  return tooMany("/metadata", `Metadata may have ${limits.metadataBytes} bytes as JSON.`);
}

/** The first limit that a map of this size is over. What is over a limit that was lowered may still shrink. */
export function overAll(limits: MapLimits, stateBytes: number, before: MapSize, after: MapSize): Refusal | undefined {
  const over = (key: keyof MapSize, limit: number): boolean => after[key] > limit && after[key] > before[key];
  if (over("features", limits.features)) {
    return refuse("too_large", `A map may have ${limits.features} features; this would make ${after.features}.`);
  }
  if (over("vertices", limits.vertices)) {
    return refuse("too_large", `A map may have ${limits.vertices} positions; this would make ${after.vertices}.`);
  }
  if (over("bytes", stateBytes)) {
    return refuse("too_large", `A map's features may have ${stateBytes} bytes; this would make ${after.bytes}.`);
  }
  return undefined;
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function tooMany(path: string, message: string): Refusal {
  return refuse("too_large", message, { path });
}
