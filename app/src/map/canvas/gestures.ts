import type { GeoJSONSource, Map as LibreMap, MapMouseEvent, MapTouchEvent, PointLike } from "maplibre-gl";
import type { LngLat } from "roomcast";
import { indexOnLine, near, positionsOf } from "../geo.ts";
import { gripOf, indexNow } from "../grip.ts";
import { nudge } from "../nudge.ts";
import type { MapSession } from "../session.ts";
import { FEATURE_LAYERS } from "./layers.ts";

type Press = MapMouseEvent | MapTouchEvent;

/** What is under the pointer. */
type Target =
  | { readonly type: "pin" | "handle"; readonly id: string; readonly index: number }
  /** Between two corners: dragging makes a new one that gets this index. */
  | { readonly type: "middle"; readonly id: string; readonly index: number }
  | { readonly type: "feature"; readonly id: string }
  /** Many pins as one circle. */
  | { readonly type: "cluster"; readonly id: number; readonly at: LngLat };

/** Pixels that a press may wander and still be a click. */
const SLOP = 5;

/** Pixels around a finger in which things are found. */
const REACH = 12;

/** Clicks, drags and keys on the drawn map, for as long as there is one. */
export function listenTo(map: LibreMap, session: MapSession): void {
  new Gestures(map, session).start();
}

class Gestures {
  readonly #map: LibreMap;
  readonly #session: MapSession;

  constructor(map: LibreMap, session: MapSession) {
    this.#map = map;
    this.#session = session;
  }

  start(): void {
    const map = this.#map;
    map.on("click", (event) => this.#click(event));
    map.on("dblclick", (event) => this.#doubleClick(event));
    map.on("mousedown", (event) => event.originalEvent.button === 0 && this.#press(event, "mousemove", "mouseup"));
    map.on("touchstart", (event) => event.points.length === 1 && this.#press(event, "touchmove", "touchend"));
    map.on("mousemove", (event) => this.#hover(event));
    map.on("mouseout", () => this.#session.pointAt(undefined));
    map.getCanvas().addEventListener("keydown", this.#key, { capture: true });
  }

  #click(event: MapMouseEvent): void {
    const session = this.#session;
    const { tool } = session.view();
    if (tool !== "look") {
      if (session.mayWrite && !this.#isAgain(event)) session.draw(placeOf(event));
      return;
    }
    const target = this.#find(event);
    if (target?.type === "cluster") void this.#openCluster(target.id, target.at);
    else session.select(target?.id);
  }

  /** The second click of a double one, or any other where the last point is: it makes none. */
  #isAgain(event: MapMouseEvent): boolean {
    const last = this.#session.lastDrawn();
    if (last === undefined) return false;
    const [dx, dy] = this.#offset(last, event.point);
    return event.originalEvent.detail % 2 === 0 ? Math.hypot(dx, dy) < 4 * SLOP : Math.hypot(dx, dy) < SLOP;
  }

  #doubleClick(event: MapMouseEvent): void {
    const session = this.#session;
    const { tool, selected } = session.view();
    if (tool === "route" || tool === "area") {
      event.preventDefault();
      session.finish();
      return;
    }
    const target = this.#find(event);
    if (target === undefined || !session.mayWrite) return;
    event.preventDefault();
    if (target.type === "handle") session.dropPosition(target.id, target.index);
    else if (target.type === "feature" && target.id === selected) {
      const geometry = session.handle.feature(target.id)?.geometry;
      if (geometry?.type === "LineString") {
        const at = placeOf(event);
        session.insert(target.id, indexOnLine(positionsOf(geometry), at), at);
      }
    }
  }

  /** A press on something that can be moved; the map itself is moved by any other. */
  #press(event: Press, moved: "mousemove" | "touchmove", ended: "mouseup" | "touchend"): void {
    const session = this.#session;
    if (session.view().tool !== "look" || !session.mayWrite) return;
    const target = this.#find(event);
    if (target === undefined || target.type === "feature" || target.type === "cluster") return;
    event.preventDefault();
    const { id } = target;
    const adds = target.type === "middle";
    const shape = session.handle.feature(id);
    if (shape === undefined) return;
    const grip = gripOf(shape, target.index, adds);
    const start = event.point;
    // Of a pin one holds the head, its place is at the tip: it must not jump there.
    const held = this.#positionOf(target);
    const [dx, dy] = held === undefined ? [0, 0] : this.#offset(held, start);
    let last: LngLat | undefined;
    /** What others do to the line meanwhile moves the numbers of its corners. */
    const indexOf = (): number | undefined => {
      const now = session.handle.feature(id);
      return now && indexNow(now, grip);
    };
    const show = (): void => {
      const index = indexOf();
      if (last !== undefined)
        session.drag(index === undefined ? undefined : { id, index, at: last, ...(adds && { adds }) });
    };
    const stop = session.handle.subscribe(show);
    const move = (next: Press) => {
      if (last === undefined && start.dist(next.point) < SLOP) return;
      last = toLngLat(this.#map.unproject([next.point.x + dx, next.point.y + dy]));
      show();
      this.#map.getCanvas().style.cursor = "grabbing";
    };
    // Whichever comes first ends it, once.
    const end = () => {
      stop();
      this.#map.off(moved, move);
      this.#map.off(ended, end);
      this.#map.off("touchcancel", end);
      window.removeEventListener("mouseup", end);
      window.removeEventListener("blur", end);
      const index = indexOf();
      if (last !== undefined && index !== undefined) {
        if (adds) session.insert(id, index, last);
        else session.move(id, index, last);
        session.select(id);
      }
      session.drag(undefined);
    };
    this.#map.on(moved, move);
    this.#map.on(ended, end);
    this.#map.on("touchcancel", end);
    // Let go outside of the map.
    window.addEventListener("mouseup", end);
    window.addEventListener("blur", end);
  }

  #positionOf(target: Target): LngLat | undefined {
    if (target.type !== "pin") return undefined;
    const geometry = this.#session.handle.feature(target.id)?.geometry;
    return geometry && positionsOf(geometry)[target.index];
  }

  #offset(place: LngLat, from: Press["point"]): readonly [number, number] {
    const [lng, lat] = near(place, this.#map.unproject(from).lng);
    const { x, y } = this.#map.project([lng, lat]);
    return [x - from.x, y - from.y];
  }

  #find(event: Press): Target | undefined {
    const { x, y } = event.point;
    const reach = event.type.startsWith("touch") ? REACH : 3;
    const box: [PointLike, PointLike] = [
      [x - reach, y - reach],
      [x + reach, y + reach],
    ];
    const hits = this.#map.queryRenderedFeatures(box, {
      layers: ["handles", ...FEATURE_LAYERS].filter((id) => this.#map.getLayer(id)),
    });
    const best = ["handles", ...FEATURE_LAYERS]
      .map((layer) => hits.find((hit) => hit.layer.id === layer))
      .find(Boolean);
    if (best === undefined) return undefined;
    if (best.layer.id === "clusters" && best.geometry.type === "Point") {
      const [lng = 0, lat = 0] = best.geometry.coordinates;
      return { type: "cluster", id: Number(best.properties["cluster_id"]), at: [lng, lat] };
    }
    const id = String(best.properties["id"]);
    if (best.layer.id === "pins" || best.layer.id === "pins-chosen") return { type: "pin", id, index: 0 };
    if (best.layer.id !== "handles") return { type: "feature", id };
    const corner = hits.find((hit) => hit.layer.id === "handles" && hit.properties["middle"] === false) ?? best;
    const middle = corner.properties["middle"] === true;
    return { type: middle ? "middle" : "handle", id, index: Number(corner.properties["index"]) };
  }

  /** Zooms in until a cluster falls apart. */
  async #openCluster(id: number, [lng, lat]: LngLat): Promise<void> {
    const source = this.#map.getSource<GeoJSONSource>("pins");
    // Of a cluster that changed meanwhile the worker knows nothing: a step in is right for it too.
    const zoom = await source?.getClusterExpansionZoom(id).catch(() => this.#map.getZoom() + 2);
    this.#session.follow(undefined);
    if (zoom !== undefined) this.#map.easeTo({ center: [lng, lat], zoom, duration: 400 });
  }

  #hover(event: MapMouseEvent): void {
    const session = this.#session;
    session.pointAt(placeOf(event));
    const { tool, drag } = session.view();
    if (drag !== undefined) return;
    const canvas = this.#map.getCanvas();
    if (tool !== "look") {
      canvas.style.cursor = "crosshair";
      return;
    }
    const target = this.#find(event);
    const moves = target !== undefined && target.type !== "feature" && target.type !== "cluster" && session.mayWrite;
    canvas.style.cursor = moves ? "grab" : target === undefined ? "" : "pointer";
  }

  /** On the map itself arrows move what is selected; with nothing selected they move the map. */
  readonly #key = (event: KeyboardEvent): void => {
    const { selected, tool } = this.#session.view();
    if (selected === undefined || tool !== "look" || !event.key.startsWith("Arrow")) return;
    if (nudge(this.#session, selected, event)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
}

function placeOf(event: Press): LngLat {
  return toLngLat(event.lngLat);
}

function toLngLat({ lng, lat }: { readonly lng: number; readonly lat: number }): LngLat {
  return [lng, lat];
}
