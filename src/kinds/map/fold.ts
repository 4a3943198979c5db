import { put } from "../json/object.ts";
import type { Json } from "../../protocol/json.ts";
import { featureOf, NO_FEATURES, replaceFeatures } from "./features.ts";
import { EMPTY, sizeAfter, withPositions } from "./measure.ts";
import type { Feature, FeatureChange, LngLat, MapOp, MapState, Stamp, Undo } from "./types.ts";

/** So many authors can undo; who has written for the longest time nothing more that counts goes first. */
const AUTHORS = 200;

export const INITIAL: MapState = { features: NO_FEATURES, size: EMPTY, undo: {} };

/** The state after one more op. */
export function fold(state: MapState, op: MapOp): MapState {
  const changes = changesOf(state, op);
  return {
    features: replaceFeatures(state.features, changes),
    size: sizeAfter(state, changes),
    undo: op.undo === undefined ? state.undo : noted(state.undo, op.undo),
  };
}

/** A feature with these fields replaced, and those that are null removed. */
export function withChange(feature: Feature, change: FeatureChange, stamp: Stamp): Feature {
  const after: Record<string, Json> = { ...(feature as unknown as Record<string, Json>) };
  for (const [field, value] of Object.entries(change)) {
    if (value === null) delete after[field];
    else put(after, field, value);
  }
  return { ...(after as unknown as Feature), changed: stamp };
}

type Changes = readonly (readonly [id: string, feature: Feature | undefined])[];

/** The features that an op changes, as they are after it; undefined for one that goes. */
export function changesOf(state: MapState, op: MapOp): Changes {
  switch (op.type) {
    case "put":
      return [[op.id, op.feature]];
    case "change":
      return edited(state, op.id, (feature) => withChange(feature, op.change, op.stamp));
    case "point":
      return edited(state, op.id, (feature) => withPoint(feature, op.at, op.point, op.stamp));
    case "unpoint":
      return edited(state, op.id, (feature) => withoutPoint(feature, op.at, op.stamp));
    case "remove":
      return featureOf(state, op.id) === undefined ? [] : [[op.id, undefined]];
    case "import":
      return op.features.map(({ id, ...feature }) => [id, { ...feature, made: op.stamp }]);
    case "drop":
      return op.ids.map((id) => [id, undefined]);
  }
}

/** Nothing for a feature that is not there: not for an op that was logged, but a room must be able to wake. */
function edited(state: MapState, id: string, edit: (feature: Feature) => Feature): Changes {
  const feature = featureOf(state, id);
  return feature === undefined ? [] : [[id, edit(feature)]];
}

function withPoint(feature: Feature, at: number, point: LngLat, stamp: Stamp): Feature {
  const { geometry } = feature;
  if (geometry.type !== "LineString") return feature;
  const coordinates = geometry.coordinates.toSpliced(at, 0, point);
  return { ...feature, geometry: withPositions(geometry, coordinates, point), changed: stamp };
}

function withoutPoint(feature: Feature, at: number, stamp: Stamp): Feature {
  const { geometry } = feature;
  const point = geometry.type === "LineString" ? geometry.coordinates[at] : undefined;
  if (geometry.type !== "LineString" || point === undefined) return feature;
  const coordinates = geometry.coordinates.toSpliced(at, 1);
  return { ...feature, geometry: withPositions(geometry, coordinates, point), changed: stamp };
}

/** The newest undoable op of each author, the author of the newest last. */
function noted(chains: MapState["undo"], { author, n, before, undid }: Undo): MapState["undo"] {
  const { [author]: _old, ...others } = chains;
  const newest = undid === undefined ? n : before;
  if (newest === undefined) return others;
  const names = Object.keys(others);
  if (names.length < AUTHORS) return { ...others, [author]: newest };
  return Object.fromEntries([
    ...names.slice(names.length - AUTHORS + 1).map((name) => [name, others[name] ?? 0]),
    [author, newest],
  ]) as MapState["undo"];
}
