import type { JsonObject } from "../../protocol/json.ts";

/** Longitude and latitude in degrees, WGS 84, as RFC 7946 has them: longitude first. */
export type LngLat = readonly [lng: number, lat: number];

export type Geometry =
  | { readonly type: "Point"; readonly coordinates: LngLat }
  /** Two positions or more. */
  | { readonly type: "LineString"; readonly coordinates: readonly LngLat[] }
  /** Rings of four positions or more, the last the same as the first; the first ring is the outer one. */
  | { readonly type: "Polygon"; readonly coordinates: readonly (readonly LngLat[])[] };

/** What people see of a feature. Every field may be absent. */
export interface FeatureFields {
  readonly title?: string;
  readonly note?: string;
  /** `#rrggbb`, lower case. */
  readonly color?: string;
  /** One of `ICONS`, or an application's own: 1 to 32 lower-case letters, digits and dashes. */
  readonly icon?: string;
  /** Anything an application wants to keep with it. */
  readonly metadata?: JsonObject;
}

/** Icons that the page draws; any other is shown as the first. */
export const ICONS = [
  "pin",
  "flag",
  "star",
  "heart",
  "home",
  "work",
  "food",
  "coffee",
  "bed",
  "camp",
  "water",
  "tree",
  "mountain",
  "camera",
  "parking",
  "bus",
  "train",
  "bike",
  "walk",
  "warning",
] as const;

/** What a new feature is made of. A pin is a Point, a route a LineString, an area a Polygon. */
export interface NewFeature extends FeatureFields {
  readonly geometry: Geometry;
}

export interface Feature extends NewFeature {
  /** Who made it, and who changed it last. */
  readonly made: Stamp;
  readonly changed?: Stamp;
}

export interface Stamp {
  /** Public name of the author; absent for the server's own code and for plain HTTP. */
  readonly by?: string;
  /** User id, when authenticated. */
  readonly user?: string;
  /** What the author was called: the user's name, else what its presence said. */
  readonly name?: string;
  /** Milliseconds since 1970, by the room's clock. */
  readonly at: number;
}

/** Features by id: a share of them. */
export type Bucket = Readonly<Record<string, Feature>>;

/**
 * Read it with `featureOf`, `featuresOf` and `state.size`. Features are spread over buckets by their id, so that a
 * change copies one bucket and not the whole map; which bucket has what means nothing to a reader.
 */
export interface MapState {
  readonly features: readonly Bucket[];
  readonly size: MapSize;
  /** The number of each author's newest op that can be undone. */
  readonly undo: Readonly<Record<string, number>>;
}

export interface MapSize {
  readonly features: number;
  /** Positions of all geometries together. */
  readonly vertices: number;
  /** Bytes of all features as JSON. */
  readonly bytes: number;
}

/** The pin of the one-pin wire format is the feature with this id, always a Point. */
export const THE_PIN = "pin";

/** A change field by field: a given field replaces, null removes it, an absent one stays. */
export type FeatureChange = {
  readonly [Field in keyof FeatureFields]?: FeatureFields[Field] | null;
} & {
  /** Of the same type as before. */
  readonly geometry?: Geometry;
};

export type MapIntent =
  /** Without an id the room makes one. An id that is taken is a conflict. Ids: 1 to 64 of `A-Z a-z 0-9 _ . : -`. */
  | { readonly type: "addFeature"; readonly id?: string; readonly feature: NewFeature }
  | { readonly type: "updateFeature"; readonly id: string; readonly change: FeatureChange }
  /** One more point in a LineString: it gets the index `at`, the end unless told otherwise. */
  | { readonly type: "addPoint"; readonly id: string; readonly point: LngLat; readonly at?: number }
  | { readonly type: "removeFeature"; readonly id: string }
  /** The pin of the one-pin wire format: makes it or moves it. */
  | { readonly type: "setPin"; readonly at: LngLat }
  /** Takes back the author's own newest change, where nobody has changed the same fields since. */
  | { readonly type: "undo" }
  /** Adds many, such as a file's. All of them or none. An id that is taken is replaced by a new one. */
  | { readonly type: "import"; readonly features: readonly ImportedFeature[] };

export interface ImportedFeature extends NewFeature {
  readonly id?: string;
}

export type MapOp =
  /** A feature is made, or comes back: then `feature.made` is what it was. */
  | { readonly type: "put"; readonly id: string; readonly feature: Feature; readonly undo?: Undo }
  | {
      readonly type: "change";
      readonly id: string;
      readonly change: FeatureChange;
      /** The same fields before. */
      readonly was: FeatureChange;
      readonly stamp: Stamp;
      readonly undo?: Undo;
    }
  | {
      readonly type: "point";
      readonly id: string;
      readonly point: LngLat;
      /** Its index in the line. */
      readonly at: number;
      readonly stamp: Stamp;
      readonly undo?: Undo;
    }
  | { readonly type: "unpoint"; readonly id: string; readonly at: number; readonly stamp: Stamp; readonly undo?: Undo }
  | { readonly type: "remove"; readonly id: string; readonly was: Feature; readonly undo?: Undo }
  | {
      readonly type: "import";
      readonly features: readonly (ImportedFeature & { readonly id: string })[];
      readonly stamp: Stamp;
      readonly undo?: Undo;
    }
  /** An import is taken back. */
  | { readonly type: "drop"; readonly ids: readonly string[]; readonly undo?: Undo };

/** How an op hangs on its author's chain of undoable ones. Absent for authors without a public name. */
export interface Undo {
  readonly author: string;
  /** The number of this op. */
  readonly n: number;
  /** The number of the author's undoable one before it. */
  readonly before?: number;
  /** This op takes back that one; it is not itself to be undone. */
  readonly undid?: number;
}

/** What a map connection shows of itself. Never logged. Fields besides these are passed on as they are. */
export type MapPresence = JsonObject & {
  /** 1 to 64 characters. */
  readonly name: string;
  /** `#rrggbb`. */
  readonly color?: string;
  /** Where this person is; only who wants to share it sends it. */
  readonly location?: MapLocation;
  /** Where the pointer is. */
  readonly cursor?: LngLat;
  /** What is on the screen. */
  readonly viewport?: Viewport;
  /** The connection id (`conn`) of the person whose viewport this one follows. */
  readonly following?: string;
};

export type MapLocation = {
  readonly lng: number;
  readonly lat: number;
  /** Radius in metres, 68 % sure, as browsers give it. */
  readonly accuracy?: number;
  /** Degrees clockwise from north, 0 to 360. */
  readonly heading?: number;
};

export type Viewport = {
  readonly center: LngLat;
  /** 0 to 30. */
  readonly zoom: number;
  /** Degrees clockwise from north that are up. */
  readonly bearing?: number;
  /** Degrees of tilt, 0 to 85. */
  readonly pitch?: number;
};
