import { RoomcastError, type MapHandle } from "roomcast";
import { featuresOf } from "../../../src/kinds/map/features.ts";
import { TryMap } from "../../../src/kinds/map/try-map.ts";
import { type Camera, MapSession } from "./session.ts";

/** A map for tests of the page: several people's sessions over one room, which answers at once unless it is away. */
export class TryRoom {
  readonly map = new TryMap();
  #away: (() => void)[] | undefined;
  readonly #listeners = new Set<() => void>();

  /** Mutations wait from now on. */
  leave(): void {
    this.#away = [];
  }

  /** What has waited is done. */
  comeBack(): void {
    const waited = this.#away ?? [];
    this.#away = undefined;
    for (const each of waited) each();
  }

  #do(by: string, intent: object): Promise<void> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        const outcome = this.map.do(by, intent);
        for (const listener of this.#listeners) listener();
        if (typeof outcome === "string") reject(new RoomcastError(outcome as "conflict", "Refused."));
        else resolve();
      };
      if (this.#away === undefined) run();
      else this.#away.push(run);
    });
  }

  session(by: string): MapSession {
    const { map } = this;
    const act = (intent: object): Promise<void> => this.#do(by, intent);
    let ids = 0;
    const add = (geometry: object, fields: object = {}) => {
      ids += 1;
      const id = `${by}${ids}`;
      return { id, done: act({ type: "addFeature", id, feature: { ...fields, geometry } }) };
    };
    const handle = {
      id: "try",
      you: by,
      can: ["read", "write"],
      status: { phase: "live" },
      presence: { peers: [], set: () => undefined, clear: () => undefined, subscribe: () => () => undefined },
      get features() {
        return new Map(featuresOf(map.state));
      },
      get canUndo() {
        return Object.hasOwn(map.state.undo, by);
      },
      subscribe: (listener: () => void) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      feature: (id: string) => map.feature(id),
      addPin: (coordinates: unknown, fields: object) => add({ type: "Point", coordinates }, fields),
      addRoute: (coordinates: unknown, fields: object) => add({ type: "LineString", coordinates }, fields),
      addArea: (ring: readonly unknown[], fields: object) =>
        add({ type: "Polygon", coordinates: [[...ring, ring[0]]] }, fields),
      updateFeature: (id: string, change: object) => act({ type: "updateFeature", id, change }),
      addPoint: (id: string, point: unknown, at?: number) =>
        act({ type: "addPoint", id, point, ...(at !== undefined && { at }) }),
      removeFeature: (id: string) => act({ type: "removeFeature", id }),
      import: (features: unknown) => act({ type: "import", features }),
      undo: () => act({ type: "undo" }),
    };
    const session = new MapSession(handle as unknown as MapHandle);
    const camera: Camera = {
      center: () => [0, 0],
      show: () => undefined,
      offset: ([lng, lat], right, down) => [lng + right / 8, lat - down / 8],
      zoomBy: () => undefined,
    };
    session.camera = camera;
    return session;
  }
}
