import { map as open } from "../../../src/client/map.ts";
import type { MapHandle } from "../../../src/client/types.ts";
import { featureOf, featuresOf } from "../../../src/kinds/map/features.ts";
import type { MapOp, MapState } from "../../../src/kinds/map/types.ts";
import type { Chance } from "../random.ts";
import type { Script } from "./script.ts";

const place = (chance: Chance) => [chance.between(-170, 170), chance.between(-80, 80)] as const;

export const map: Script<MapHandle> = {
  binding: "MAPS",
  path: (id) => `/map/${id}`,
  paths: ["/export.geojson", "/export.gpx"],
  open: (rooms, id) => open(rooms, id),
  mutate: (handle, chance, token) => {
    const ids = [...(handle.features?.keys() ?? [])];
    const id = ids.length === 0 ? undefined : chance.pick(ids);
    const action =
      id === undefined ? "pin" : chance.weighted({ pin: 3, route: 2, change: 3, point: 1, remove: 1, undo: 1 });
    if (action === "route") {
      return { token, promise: handle.addRoute([place(chance), place(chance)], { title: token }).done };
    }
    if (action === "pin" || id === undefined)
      return { token, promise: handle.addPin(place(chance), { title: token }).done };
    if (action === "change") return { token, promise: handle.updateFeature(id, { title: token }) };
    if (action === "point") return { token: undefined, promise: handle.addPoint(id, place(chance)) };
    if (action === "remove") return { token: undefined, promise: handle.removeFeature(id) };
    return { token: undefined, promise: handle.undo() };
  },
  request: (chance, token) => ({
    path: "",
    body: JSON.stringify([
      { type: "addFeature", feature: { geometry: { type: "Point", coordinates: place(chance) }, title: token } },
    ]),
  }),
  tokens: (op: MapOp) => {
    if (op.type === "put") return op.feature.title === undefined ? [] : [op.feature.title];
    return op.type === "change" && typeof op.change.title === "string" ? [op.change.title] : [];
  },
  repeats: true,
  presence: (_, token) => ({ name: token.slice(0, 30) }),
  shown: (handle) => (handle.features === undefined ? undefined : Object.fromEntries(handle.features)),
  stored: (state: MapState) => Object.fromEntries(featuresOf(state)),
  simple: [
    {
      address: (id) => `/api/map?id=${id}`,
      hello: [],
      write: (chance) => {
        const [lng, lat] = place(chance);
        return JSON.stringify({ type: "setPin", location: { lat, lng } });
      },
      shown: (frames) => {
        const last = frames.filter((frame) => frame.startsWith('{"type":"pinUpdate"')).at(-1);
        return last === undefined ? undefined : (JSON.parse(last) as { readonly location: object }).location;
      },
      // The format has no word for a pin that is gone.
      stored: (state: MapState) => {
        const [lng, lat] = (featureOf(state, "pin")?.geometry.coordinates ?? []) as readonly number[];
        return lng === undefined ? undefined : { lat, lng };
      },
    },
  ],
};
