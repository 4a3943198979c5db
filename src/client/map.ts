import { featureOf, featuresOf } from "../kinds/map/features.ts";
import { mapKind } from "../kinds/map/kind.ts";
import type {
  Feature,
  FeatureChange,
  FeatureFields,
  ImportedFeature,
  LngLat,
  MapIntent,
  MapOp,
  MapPresence,
  MapState,
  NewFeature,
} from "../kinds/map/types.ts";
import type { Opener, RoomType } from "./connect.ts";
import { randomText } from "./random.ts";
import { RoomHandle } from "./room.ts";
import type { AddedFeature, MapHandle } from "./types.ts";

const KIND = mapKind();

class MapRoom extends RoomHandle<MapState, MapIntent, MapOp, MapPresence> implements MapHandle {
  #features: ReadonlyMap<string, Feature> | undefined;
  #of: MapState | undefined;

  get features(): ReadonlyMap<string, Feature> | undefined {
    const { state } = this;
    if (state !== this.#of) {
      this.#of = state;
      this.#features = state && new Map(featuresOf(state));
    }
    return this.#features;
  }

  get canUndo(): boolean {
    const { state, you } = this;
    return state !== undefined && you !== undefined && Object.hasOwn(state.undo, you);
  }

  feature(id: string): Feature | undefined {
    const { state } = this;
    return state && featureOf(state, id);
  }

  addPin(at: LngLat, fields: FeatureFields = {}): AddedFeature {
    return this.addFeature({ ...fields, geometry: { type: "Point", coordinates: at } });
  }

  addRoute(line: readonly LngLat[], fields: FeatureFields = {}): AddedFeature {
    return this.addFeature({ ...fields, geometry: { type: "LineString", coordinates: line } });
  }

  addArea(ring: readonly LngLat[], fields: FeatureFields = {}): AddedFeature {
    return this.addFeature({ ...fields, geometry: { type: "Polygon", coordinates: [closed(ring)] } });
  }

  addFeature(feature: NewFeature, id: string = randomText(16)): AddedFeature {
    return { id, done: this.mutate({ type: "addFeature", id, feature }) };
  }

  updateFeature(id: string, change: FeatureChange): Promise<void> {
    return this.mutate({ type: "updateFeature", id, change });
  }

  addPoint(id: string, point: LngLat, at?: number): Promise<void> {
    return this.mutate({ type: "addPoint", id, point, ...(at !== undefined && { at }) });
  }

  removeFeature(id: string): Promise<void> {
    return this.mutate({ type: "removeFeature", id });
  }

  setPin(at: LngLat): Promise<void> {
    return this.mutate({ type: "setPin", at });
  }

  import(features: readonly ImportedFeature[]): Promise<void> {
    return this.mutate({ type: "import", features });
  }

  undo(): Promise<void> {
    return this.mutate({ type: "undo" });
  }
}

/** A ring as RFC 7946 wants it: the last position is the first. */
function closed(ring: readonly LngLat[]): readonly LngLat[] {
  const [first, last] = [ring[0], ring.at(-1)];
  return first === undefined || last === undefined || (first[0] === last[0] && first[1] === last[1])
    ? ring
    : [...ring, first];
}

const MAP: RoomType<MapHandle & MapRoom> = {
  path: "map",
  make: (id, place, options) => new MapRoom(KIND, id, place, options),
};

/** A live map. Throws a RoomcastError with code `bad_room_id` for an id that no room can have. */
export function map(rooms: Opener, id: string): MapHandle {
  return rooms.open(MAP, id);
}
