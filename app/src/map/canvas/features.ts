import type { GeoJSONSource, GeoJSONSourceDiff, Map as LibreMap } from "maplibre-gl";
import type { Feature as GeoFeature, Geometry as GeoGeometry } from "geojson";
import type { Feature, Geometry, LngLat } from "roomcast";
import { type Line, circle, middleOnMap, near, positionsOf, sortOf, unwrap, unwrapped } from "../geo.ts";
import { colorOf } from "../marks.ts";
import type { Drag } from "../people.ts";
import { type MapSession, dragged } from "../session.ts";
import { pinImage } from "./images.ts";
import type { SourceName } from "./layers.ts";

type Properties = Readonly<Record<string, string | number | boolean>>;

interface Shown {
  readonly feature: Feature;
  readonly geometry: Geometry;
  readonly selected: boolean;
  readonly source: "features" | "pins";
}

/** More corners than these are not shown as handles: they would hide the line. */
const MOST_HANDLES = 300;

/** Keeps what MapLibre draws in step with the room: of 10,000 features it is told only of those that changed. */
export class FeatureDrawing {
  readonly #map: LibreMap;
  readonly #session: MapSession;
  #shown = new Map<string, Shown>();
  #fresh = true;
  #dark = false;
  #hueColor: (hue: number) => string;

  constructor(map: LibreMap, session: MapSession, hueColor: (hue: number) => string) {
    this.#map = map;
    this.#session = session;
    this.#hueColor = hueColor;
  }

  update(): void {
    this.#features();
    this.#handles();
    this.#drafts();
    this.#meeting();
  }

  #features(): void {
    const features = this.#session.handle.features ?? new Map<string, Feature>();
    const { selected } = this.#session.view();
    const drags = this.#drags();
    const next = new Map<string, Shown>();
    const diffs = { features: newDiff(), pins: newDiff() };
    for (const [id, feature] of features) {
      const drag = drags.get(id);
      const before = this.#shown.get(id);
      const isSelected = id === selected;
      if (
        before?.feature === feature &&
        before.selected === isSelected &&
        !drag &&
        before.geometry === feature.geometry
      ) {
        next.set(id, before);
        continue;
      }
      const geometry = drag === undefined ? feature.geometry : dragged(feature.geometry, drag);
      // A pin that somebody is at is never hidden in a cluster.
      const source = geometry.type === "Point" && !isSelected && drag === undefined ? "pins" : "features";
      const shown: Shown = { feature, geometry, selected: isSelected, source };
      next.set(id, shown);
      diffs[source].add.push(drawn(id, shown, this.#dark));
      if (before && before.source !== source) diffs[before.source].remove.push(id);
    }
    for (const [id, { source }] of this.#shown) if (!next.has(id)) diffs[source].remove.push(id);
    this.#shown = next;
    for (const name of ["features", "pins"] as const) {
      const source = this.#source(name);
      const { add, remove } = diffs[name];
      if (source === undefined) continue;
      if (this.#fresh) void source.setData({ type: "FeatureCollection", features: add });
      // What is added replaces what has the same id.
      else if (add.length > 0 || remove.length > 0) void source.updateData({ add, remove } satisfies GeoJSONSourceDiff);
    }
    this.#fresh = false;
  }

  /** Everybody's drags by feature, one's own before the others'. */
  #drags(): ReadonlyMap<string, Drag> {
    const drags = new Map<string, Drag>();
    for (const { drag } of this.#session.people()) if (drag) drags.set(drag.id, drag);
    const { drag } = this.#session.view();
    if (drag) drags.set(drag.id, drag);
    return drags;
  }

  /** The corners of what is selected, and between them points from which new ones are dragged. */
  #handles(): void {
    const { selected } = this.#session.view();
    const shown = selected === undefined ? undefined : this.#shown.get(selected);
    const features: GeoFeature[] = [];
    if (selected !== undefined && shown && shown.geometry.type !== "Point" && this.#session.mayWrite) {
      const line = unwrap(positionsOf(shown.geometry));
      const ink = inkOf(shown.feature.color, this.#dark);
      const ring = shown.geometry.type === "Polygon";
      if (line.length <= MOST_HANDLES) {
        for (const [index, at] of line.entries()) {
          const next = line[index + 1] ?? (ring ? line[0] : undefined);
          if (next) {
            features.push(
              point(middleOnMap(at, near(next, at[0])), { id: selected, index: index + 1, middle: true, ink }),
            );
          }
          features.push(point(at, { id: selected, index, middle: false, ink }));
        }
      }
    }
    this.#put(
      "handles",
      features.toSorted((a, b) => Number(b.properties?.["middle"]) - Number(a.properties?.["middle"])),
    );
  }

  #drafts(): void {
    const { draft, tool, me, location } = this.#session.view();
    const features = draftOf(draft, inkOf(this.#session.look.color, this.#dark), tool === "area");
    if (location?.accuracy !== undefined) {
      features.push(accuracy([location.lng, location.lat], location.accuracy, this.#hueColor(me.hue)));
    }
    for (const person of this.#session.people()) {
      const color = this.#hueColor(person.hue);
      if (person.draft) features.push(...draftOf(person.draft, color, false));
      const { location: there } = person;
      if (there?.accuracy !== undefined) features.push(accuracy([there.lng, there.lat], there.accuracy, color));
    }
    this.#put("drafts", features);
  }

  #meeting(): void {
    const ways = this.#session.view().meeting?.ways ?? [];
    this.#put(
      "meeting",
      ways.map(({ line: way }) => line(unwrap(way), {})),
    );
  }

  readonly #puts = new Map<SourceName, string>();

  /** Small sources are replaced as a whole, but not by the same again. */
  #put(name: SourceName, features: GeoFeature[]): void {
    const text = JSON.stringify(features);
    const source = this.#source(name);
    if (source === undefined || (this.#puts.get(name) ?? "[]") === text) return;
    this.#puts.set(name, text);
    void source.setData({ type: "FeatureCollection", features });
  }

  /** The sources are new and empty. */
  begin(dark: boolean): void {
    this.#dark = dark;
    this.#puts.clear();
    this.#shown = new Map();
    this.#fresh = true;
  }

  #source(name: SourceName): GeoJSONSource | undefined {
    return this.#map.getSource<GeoJSONSource>(name);
  }
}

function newDiff(): { readonly add: GeoFeature[]; readonly remove: string[] } {
  return { add: [], remove: [] };
}

/** The colour of lines: on a dark map nearer to white. */
function inkOf(color: string | undefined, dark: boolean): string {
  const value = colorOf(color);
  if (!dark) return value;
  const parts = [1, 3, 5].map((at) => Math.round(Number.parseInt(value.slice(at, at + 2), 16) * 0.6 + 255 * 0.4));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function drawn(id: string, { feature, geometry, selected }: Shown, dark: boolean): GeoFeature {
  const point = geometry.type === "Point";
  return {
    type: "Feature",
    id,
    properties: {
      id,
      title: feature.title ?? "",
      sort: sortOf(geometry),
      ink: inkOf(feature.color, dark),
      selected,
      ...(point ? { image: pinImage(feature.color, feature.icon) } : {}),
    },
    geometry: unwrapped(geometry) as unknown as GeoGeometry,
  };
}

function point(at: LngLat, properties: Properties): GeoFeature {
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [...at] } };
}

function line(at: Line, properties: Properties): GeoFeature {
  return { type: "Feature", properties, geometry: { type: "LineString", coordinates: at.map((place) => [...place]) } };
}

function draftOf(places: Line, ink: string, ring: boolean): GeoFeature[] {
  const draft = unwrap(places);
  const [first] = draft;
  if (first === undefined) return [];
  const points = draft.map((at) => point(at, { ink }));
  if (draft.length < 2) return points;
  return [line(ring && draft.length > 2 ? unwrap([...draft, first]) : draft, { ink }), ...points];
}

function accuracy(at: LngLat, metres: number, ink: string): GeoFeature {
  const coordinates = [circle(at, metres).map((place) => [...place])];
  return { type: "Feature", properties: { what: "accuracy", ink }, geometry: { type: "Polygon", coordinates } };
}
