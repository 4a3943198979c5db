import type { MapLimits } from "../../kinds/map/limits.ts";
import type { Admission, Outcome, RoomApi, WriteOptions } from "../api.ts";

/** What a map offers to the Worker over RPC, besides what every room does. */
export interface MapApi extends RoomApi {
  /** `text`: a JSON array of `ImportedFeature`, as `readGeoJson` makes them, of any length. All are added, or none. */
  importText(text: string, admission: Admission, options?: WriteOptions): Promise<Outcome>;
  /** The limits that the features of a file are made to fit. */
  importLimits(): Promise<MapLimits>;
  /** Becomes a map like another: `state` is its state as JSON. Refused with `conflict` unless this one is new. */
  becomeCopy(state: string, admission: Admission): Promise<Outcome>;
}
