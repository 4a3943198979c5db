import type { JsonObject } from "../../protocol/json.ts";

/** Longitude and latitude in degrees, WGS 84, as RFC 7946 has them: longitude first. */
export type LngLat = readonly [lng: number, lat: number];

export type Geometry =
  | { readonly type: "Point"; readonly coordinates: LngLat }
  | { readonly type: "LineString"; readonly coordinates: readonly LngLat[] }
  | { readonly type: "Polygon"; readonly coordinates: readonly (readonly LngLat[])[] };

/** What people see of a feature. Every field may be absent. */
export interface FeatureFields {
  readonly title?: string;
  readonly note?: string;
  /** `#rrggbb`. */
  readonly color?: string;
  /** One of the names in `ICONS`. */
  readonly icon?: string;
  /** Anything an application wants to keep with it. */
  readonly metadata?: JsonObject;
}

/** A pin is a Point, a route a LineString, an area a Polygon. */
export interface Feature extends FeatureFields {
  readonly geometry: Geometry;
  /** Public name and, when authenticated, id of who made it and who changed it last. */
  readonly made: Stamp;
  readonly changed?: Stamp;
}

export interface Stamp {
  readonly by?: string;
  readonly user?: string;
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface MapState {
  readonly features: Readonly<Record<string, Feature>>;
  /** The number of each author's newest op that can be undone. */
  readonly undo: Readonly<Record<string, number>>;
}

/** The pin of the one-pin wire format is the feature with this id. */
export const THE_PIN = "pin";

/** A change field by field: a given field replaces, null removes it, an absent one stays. */
export type FeatureChange = {
  readonly [Field in keyof FeatureFields]?: FeatureFields[Field] | null;
} & { readonly geometry?: Geometry };

export type MapIntent =
  /** Without an id the room makes one. An id that is taken is a conflict. */
  | { readonly type: "addFeature"; readonly id?: string; readonly feature: Omit<Feature, "made" | "changed"> }
  | { readonly type: "updateFeature"; readonly id: string; readonly change: FeatureChange }
  /** One more point at the end of a LineString, or after the vertex `at`. */
  | { readonly type: "addPoint"; readonly id: string; readonly point: LngLat; readonly at?: number }
  | { readonly type: "removeFeature"; readonly id: string }
  /** The pin of the one-pin wire format: makes it or moves it. */
  | { readonly type: "setPin"; readonly at: LngLat }
  /** Takes back the author's own newest change, where nobody has changed the same fields since. */
  | { readonly type: "undo" }
  /** Adds many, such as a file's. All of them or none. */
  | { readonly type: "import"; readonly features: readonly Omit<Feature, "made" | "changed">[] };

export type MapOp =
  | {
      readonly type: "put";
      readonly id: string;
      readonly feature: Feature;
      readonly was?: Feature;
      readonly undo: Undo;
    }
  | {
      readonly type: "change";
      readonly id: string;
      readonly change: FeatureChange;
      readonly was: FeatureChange;
      readonly stamp: Stamp;
      readonly undo: Undo;
    }
  | {
      readonly type: "point";
      readonly id: string;
      readonly point: LngLat;
      readonly at: number;
      readonly stamp: Stamp;
      readonly undo: Undo;
    }
  | { readonly type: "remove"; readonly id: string; readonly was: Feature; readonly undo: Undo };

/** How an op hangs on its author's chain of undoable ones: `before` is the number of the one before it. */
export interface Undo {
  readonly author: string;
  readonly n: number;
  readonly before?: number;
  /** This op took one back: it is not itself to be undone. */
  readonly undid?: number;
}

/** What a map connection shows of itself. Never logged. */
export interface MapPresence extends JsonObject {
  readonly name: string;
}
