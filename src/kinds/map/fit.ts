import type { Json, JsonObject } from "../../protocol/json.ts";
import { size, tooDeep } from "../json/measure.ts";
import { put } from "../json/object.ts";
import { verticesOf } from "./geometry.ts";
import type { MapLimits } from "./limits.ts";
import { simplifyRings } from "./simplify.ts";
import type { Geometry, ImportedFeature } from "./types.ts";

/** One thing that an import changed, in the file's own terms. */
export interface FileChange {
  readonly message: string;
  /** JSON Pointer into GeoJSON. */
  readonly path?: string;
  /** Line of a GPX file, from 1. */
  readonly line?: number;
}

/** A part of a file: what the file calls it, and where it is. */
export interface FilePart extends Omit<FileChange, "message"> {
  /** Begins a sentence. */
  readonly name: string;
}

/** Names the parts of one feature as its file does. */
export interface FeatureParts {
  field(field: "title" | "note" | "geometry"): FilePart;
  metadata(key: string): FilePart;
}

/** More changes than these are counted only. */
const MAX_LISTED = 100;

/** The changes of one import. */
export class FileChanges {
  readonly #listed: FileChange[] = [];
  #more = 0;

  add({ name: _name, ...place }: FilePart, message: string): void {
    if (this.#listed.length < MAX_LISTED) this.#listed.push({ message, ...place });
    else this.#more += 1;
  }

  /** As an answer has them: no member where nothing was changed. */
  get members(): { readonly changes?: readonly FileChange[]; readonly moreChanges?: number } {
    if (this.#listed.length === 0) return {};
    return { changes: this.#listed, ...(this.#more === 0 ? {} : { moreChanges: this.#more }) };
  }
}

/** A feature of a file as one or more features within a map's limits: texts are cut, long lines split, large metadata left out. */
export function fitFeature(
  limits: MapLimits,
  feature: ImportedFeature,
  parts: FeatureParts,
  changes: FileChanges,
): readonly ImportedFeature[] {
  const { id, geometry, title, note, metadata, ...rest } = feature;
  const cut = (field: "title" | "note", text: string): string => {
    const limit = limits[field];
    if (text.length <= limit) return text;
    const part = parts.field(field);
    changes.add(part, `${part.name} has ${text.length} characters; the first ${limit} were kept.`);
    return cutText(text, limit);
  };
  const kept = metadata === undefined ? undefined : fitMetadata(limits, metadata, parts, changes);
  const fields = {
    ...(title === undefined ? {} : { title: cut("title", title) }),
    ...(note === undefined ? {} : { note: cut("note", note) }),
    ...rest,
    ...(kept === undefined ? {} : { metadata: kept }),
  };
  return fitGeometry(limits, geometry, parts, changes).map((each, index) => ({
    // The other parts of a line that was split get ids of their own.
    ...(id === undefined || index > 0 ? {} : { id }),
    geometry: each,
    ...fields,
  }));
}

/** The first characters of a text, without half a surrogate pair at the end. */
function cutText(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** Leaves out members that are nested too deep, then the largest until the others fit. */
function fitMetadata(
  { metadataBytes, metadataDepth }: MapLimits,
  metadata: JsonObject,
  parts: FeatureParts,
  changes: FileChanges,
): JsonObject | undefined {
  if (!tooDeep(metadata, metadataDepth) && size(metadata) <= metadataBytes) return metadata;
  const leftOut = new Map<string, string>();
  const sizes: { readonly key: string; readonly bytes: number }[] = [];
  let total = 2;
  for (const [key, value] of Object.entries(metadata)) {
    if (tooDeep(value, metadataDepth - 1)) {
      leftOut.set(key, `is nested deeper than the ${metadataDepth} levels that metadata may have`);
      continue;
    }
    const bytes = size(key) + size(value) + 2;
    sizes.push({ key, bytes });
    total += bytes;
  }
  for (const { key, bytes } of sizes.toSorted((a, b) => b.bytes - a.bytes)) {
    if (total <= metadataBytes + 1) break;
    leftOut.set(key, `does not fit the ${metadataBytes} bytes of metadata that one feature may have`);
    total -= bytes;
  }
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const why = leftOut.get(key);
    if (why === undefined) {
      put(kept, key, value);
      continue;
    }
    const part = parts.metadata(key);
    changes.add(part, `${part.name} was left out: it ${why}.`);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function fitGeometry(
  { featureVertices }: MapLimits,
  geometry: Geometry,
  parts: FeatureParts,
  changes: FileChanges,
): readonly Geometry[] {
  const count = verticesOf(geometry);
  if (count <= featureVertices || geometry.type === "Point") return [geometry];
  const part = parts.field("geometry");
  const has = `${part.name} has ${count} positions, and one feature may have ${featureVertices}`;
  if (geometry.type === "Polygon") {
    const coordinates = simplifyRings(geometry.coordinates, featureVertices);
    const simpler: Geometry = { type: "Polygon", coordinates };
    changes.add(part, `${has}: it was simplified to ${verticesOf(simpler)}.`);
    return [simpler];
  }
  const { coordinates } = geometry;
  const lines: Geometry[] = [];
  // Each line begins where the one before it ends.
  const step = Math.max(1, featureVertices - 1);
  for (let from = 0; from < coordinates.length - 1; from += step) {
    lines.push({ type: "LineString", coordinates: coordinates.slice(from, from + step + 1) });
  }
  changes.add(part, `${has}: it was split into ${lines.length} lines that join.`);
  return lines;
}
