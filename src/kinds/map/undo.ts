import { equal } from "../json/equal.ts";
import type { Json } from "../../protocol/json.ts";
import { refuse, type Refusal } from "../../protocol/refusal.ts";
import { featureOf } from "./features.ts";
import type { Feature, FeatureChange, MapOp, MapState, NewFeature, Stamp, Undo } from "./types.ts";

const CHANGED = "Somebody has changed this since; it cannot be undone.";

/** The op that takes another back, or why it cannot: nobody may have changed the same fields since. */
export function inverse(state: MapState, op: MapOp, stamp: Stamp, undo: Undo): MapOp | Refusal {
  switch (op.type) {
    case "put": {
      const feature = featureOf(state, op.id);
      if (feature === undefined || !sameFields(feature, op.feature)) return refuse("conflict", CHANGED);
      return { type: "remove", id: op.id, was: feature, undo };
    }
    case "change": {
      const feature = featureOf(state, op.id);
      if (feature === undefined || !holds(feature, op.change)) return refuse("conflict", CHANGED);
      return { type: "change", id: op.id, change: op.was, was: op.change, stamp, undo };
    }
    case "point": {
      const geometry = featureOf(state, op.id)?.geometry;
      const [line, at] = geometry?.type === "LineString" ? [geometry.coordinates, op.at] : [[], 0];
      if (line.length < 3 || !equal(line[at], op.point)) return refuse("conflict", CHANGED);
      return { type: "unpoint", id: op.id, at, stamp, undo };
    }
    case "remove":
      if (featureOf(state, op.id) !== undefined) return refuse("conflict", CHANGED);
      return { type: "put", id: op.id, feature: op.was, undo };
    case "import": {
      const same = op.features.every(({ id, ...made }) => {
        const feature = featureOf(state, id);
        return feature !== undefined && sameFields(feature, made);
      });
      if (!same) return refuse("conflict", CHANGED);
      return { type: "drop", ids: op.features.map(({ id }) => id), undo };
    }
    case "unpoint":
    case "drop":
      // Only ever made by an undo, which is not undone.
      return refuse("conflict", "This cannot be undone.");
  }
}

/** Whether a feature has what a change gave it. */
function holds(feature: Feature, change: FeatureChange): boolean {
  const fields = feature as unknown as Readonly<Record<string, Json>>;
  return Object.entries(change).every(([field, value]) => equal(fields[field] ?? null, value as Json));
}

function sameFields(a: NewFeature, b: NewFeature): boolean {
  return equal(fieldsOf(a), fieldsOf(b));
}

function fieldsOf({ geometry, title, note, color, icon, metadata }: NewFeature): Json {
  const fields = { geometry, title, note, color, icon, metadata };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as Json;
}
