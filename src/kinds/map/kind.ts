import type { Limits } from "../../protocol/limits.ts";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import type { Context, Kind } from "../kind.ts";
import { own } from "../json/object.ts";
import { changed } from "./change.ts";
import { featureOf } from "./features.ts";
import { changesOf, fold, INITIAL } from "./fold.ts";
import { wrapGeometry, wrapPosition } from "./geometry.ts";
import { MAP_LIMITS, overAll, overOne, type MapLimits } from "./limits.ts";
import { sizeAfter } from "./measure.ts";
import { mapPresence } from "./presence.ts";
import {
  THE_PIN,
  type Feature,
  type FeatureChange,
  type Geometry,
  type ImportedFeature,
  type LngLat,
  type MapIntent,
  type MapOp,
  type MapState,
  type NewFeature,
  type Stamp,
  type Undo,
} from "./types.ts";
import { inverse } from "./undo.ts";

/** A map is larger than a document: 16 MiB of features, and files of them come as one mutation of 1 MiB. */
export const MAP_ROOM_LIMITS: Partial<Limits> = {
  stateBytes: 16 * 1024 * 1024,
  intentBytes: 1024 * 1024,
  frameBytes: 1024 * 1024 + 64 * 1024,
};

/**
 * A collaborative map: features by id, as GeoJSON, and where people are. Intents are checked in the room against
 * `mapIntents`, which stands apart so that clients need not download it.
 *
 * @param changes What a map takes, where it is not `MAP_LIMITS`.
 *
 * Refusals: `not_found` for an id that no feature has; `conflict` for one that is taken, for a geometry of another
 * type, and for an undo of what somebody has changed since; `too_large` and `too_deep` for what is over a limit.
 */
export function mapKind(changes: Partial<MapLimits> = {}): Kind<MapState, MapIntent, MapOp> {
  const limits: MapLimits = { ...MAP_LIMITS, ...changes };
  return {
    name: "map",
    version: 1,
    initial: () => INITIAL,
    decide: (state, intent, context) => {
      const op = decideOne(limits, state, intent, context);
      if (op === undefined) return [];
      if (op instanceof Refusal) return op;
      const after = sizeAfter(state, changesOf(state, op));
      const over = overAll(limits, context.limits.stateBytes, state.size, after);
      return over ?? [op];
    },
    fold,
    // Whose changes can be undone is told by numbers of the log, which begins again.
    begin: (state) => ({ ...state, undo: {} }),
    presence: mapPresence,
    limits: MAP_ROOM_LIMITS,
  };
}

/** One intent is one op, or none where it changes nothing. */
function decideOne(
  limits: MapLimits,
  state: MapState,
  intent: MapIntent,
  context: Context,
): MapOp | undefined | Refusal {
  switch (intent.type) {
    case "addFeature":
      return add(limits, state, intent.id ?? context.id(), wrapped(intent.feature), context);
    case "updateFeature":
      return update(limits, state, intent.id, wrapped(intent.change), context);
    case "addPoint":
      return addPoint(limits, state, { ...intent, point: wrapPosition(intent.point) }, context);
    case "removeFeature": {
      const was = featureOf(state, intent.id);
      return was === undefined ? missing(intent.id) : { type: "remove", id: intent.id, was, ...undoOf(state, context) };
    }
    case "setPin":
      return setPin(limits, state, wrapPosition(intent.at), context);
    case "undo":
      return undo(state, context);
    case "import":
      return importAll(limits, state, intent.features.map(wrapped), context);
  }
}

/** Wrapped here and not by the schema: a client predicts with `decide`, and shows at once what the room will store. */
function wrapped<T extends { readonly geometry?: Geometry }>(fields: T): T {
  const { geometry } = fields;
  const after = geometry && wrapGeometry(geometry);
  return after === geometry ? fields : { ...fields, geometry: after };
}

function add(limits: MapLimits, state: MapState, id: string, feature: NewFeature, context: Context): MapOp | Refusal {
  if (featureOf(state, id) !== undefined)
    return refuse("conflict", `There is a feature ${id} already.`, { path: "/id" });
  if (id === THE_PIN && feature.geometry.type !== "Point") return otherType("Point", "/feature/geometry");
  const over = overOne(limits, feature);
  if (over !== undefined) return inside("/feature", over);
  return { type: "put", id, feature: { ...feature, made: stampOf(context) }, ...undoOf(state, context) };
}

function update(
  limits: MapLimits,
  state: MapState,
  id: string,
  wanted: FeatureChange,
  context: Context,
): MapOp | undefined | Refusal {
  const feature = featureOf(state, id);
  if (feature === undefined) return missing(id);
  const { type } = feature.geometry;
  if (wanted.geometry !== undefined && wanted.geometry.type !== type) return otherType(type, "/change/geometry");
  const over = overOne(limits, wanted);
  if (over !== undefined) return inside("/change", over);
  const difference = changed(feature, wanted);
  return difference && { type: "change", id, ...difference, stamp: stampOf(context), ...undoOf(state, context) };
}

function addPoint(
  limits: MapLimits,
  state: MapState,
  { id, point, at: wanted }: Extract<MapIntent, { type: "addPoint" }>,
  context: Context,
): MapOp | Refusal {
  const geometry = featureOf(state, id)?.geometry;
  if (geometry === undefined) return missing(id);
  if (geometry.type !== "LineString") return refuse("conflict", "Points are added to lines only.", { path: "/id" });
  const { length } = geometry.coordinates;
  const at = wanted ?? length;
  if (at > length)
    return refuse("conflict", `The line has ${length} positions; there is no place ${at}.`, { path: "/at" });
  if (length >= limits.featureVertices) {
    return refuse("too_large", `One feature may have ${limits.featureVertices} positions.`, { path: "/point" });
  }
  return { type: "point", id, point, at, stamp: stampOf(context), ...undoOf(state, context) };
}

/** Logged even where the pin stands there already: those who speak the one-pin format are told of every setPin. */
function setPin(limits: MapLimits, state: MapState, coordinates: LngLat, context: Context): MapOp | Refusal {
  const geometry = { type: "Point", coordinates } as const;
  const pin = featureOf(state, THE_PIN);
  if (pin === undefined) return add(limits, state, THE_PIN, { geometry }, context);
  return {
    type: "change",
    id: THE_PIN,
    change: { geometry },
    was: { geometry: pin.geometry },
    stamp: stampOf(context),
    ...undoOf(state, context),
  };
}

function undo(state: MapState, context: Context): MapOp | undefined | Refusal {
  const { by, read } = context;
  const nothing = refuse("conflict", "There is nothing of yours to undo.");
  const n = by === undefined ? undefined : own(state.undo, by);
  if (by === undefined || typeof n !== "number") return nothing;
  // A client has no log: it shows the undo when the room has decided it.
  if (read === undefined) return undefined;
  const op = n < context.seq ? (read(n) as MapOp | undefined) : undefined;
  // A number from before a restore may be another op's now.
  if (op?.undo === undefined || op.undo.author !== by || op.undo.n !== n || op.undo.undid !== undefined) return nothing;
  const { before } = op.undo;
  const link: Undo = { author: by, n: context.seq, ...(before === undefined ? {} : { before }), undid: n };
  return inverse(state, op, stampOf(context), link);
}

function importAll(
  limits: MapLimits,
  state: MapState,
  features: readonly ImportedFeature[],
  context: Context,
): MapOp | undefined | Refusal {
  if (features.length === 0) return undefined;
  const taken = new Set<string>();
  const added: (ImportedFeature & { readonly id: string })[] = [];
  // Ids made for one import sort as its features stand in it: lists and files keep their order.
  const prefix = context.id();
  for (const [index, feature] of features.entries()) {
    const over = overOne(limits, feature);
    if (over !== undefined) return inside(`/features/${index}`, over);
    const free = feature.id !== undefined && !taken.has(feature.id) && featureOf(state, feature.id) === undefined;
    const fits = feature.id !== THE_PIN || feature.geometry.type === "Point";
    const id = feature.id !== undefined && free && fits ? feature.id : `${prefix}.${String(index).padStart(5, "0")}`;
    taken.add(id);
    added.push({ ...feature, id });
  }
  return { type: "import", features: added, stamp: stampOf(context), ...undoOf(state, context) };
}

function stampOf({ by, user, presence, now }: Context): Stamp {
  const shown = presence === undefined ? undefined : own(presence, "name");
  const name = user?.name ?? (typeof shown === "string" ? shown.slice(0, 64) : undefined);
  return {
    ...(by === undefined ? {} : { by }),
    ...(user === undefined ? {} : { user: user.id }),
    ...(name === undefined ? {} : { name }),
    at: now,
  };
}

/** How an op decided now hangs on its author's chain. */
function undoOf(state: MapState, { by, seq }: Context): { readonly undo?: Undo } {
  if (by === undefined) return {};
  const before = own(state.undo, by);
  // Numbers start again after a restore; what is ahead of this op is of another history.
  const known = typeof before === "number" && before < seq;
  return { undo: { author: by, n: seq, ...(known ? { before } : {}) } };
}

function missing(id: string): Refusal {
  return refuse("not_found", `There is no feature ${id}.`, { path: "/id" });
}

function otherType(type: Feature["geometry"]["type"], path: string): Refusal {
  return refuse("conflict", `The geometry of this feature is a ${type}.`, { path });
}

function inside(prefix: string, refusal: Refusal): Refusal {
  return refuse(refusal.code, refusal.message, { ...refusal.place, path: prefix + (refusal.place.path ?? "") });
}
