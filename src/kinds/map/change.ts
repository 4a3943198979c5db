import { equal } from "../json/equal.ts";
import type { Feature, FeatureChange } from "./types.ts";

const FIELDS = ["title", "note", "color", "icon", "metadata", "geometry"] as const;

/** What of a change is one, and what was there before; undefined where nothing is. */
export function changed(
  feature: Feature,
  wanted: FeatureChange,
): { readonly change: FeatureChange; readonly was: FeatureChange } | undefined {
  const change: Record<string, unknown> = {};
  const was: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const [before, after] = [feature[field] ?? null, wanted[field]];
    if (after === undefined || equal(before, after)) continue;
    change[field] = after;
    was[field] = before;
  }
  return Object.keys(change).length === 0 ? undefined : { change, was };
}
