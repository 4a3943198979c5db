import * as maplibre from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { LngLat } from "roomcast";
import { load, save } from "../../lib/storage.ts";
import { type Line, boundsOf, near, positionsOf } from "../geo.ts";
import type { Camera, MapSession } from "../session.ts";
import { BaseMapRetry } from "./base-retry.ts";
import { LOCAL_FONT, baseStyle, ownStyle } from "./base-style.ts";
import { FeatureDrawing } from "./features.ts";
import { listenTo } from "./gestures.ts";
import { RATIO, drawImage } from "./images.ts";
import { SOURCES, layers, source } from "./layers.ts";
import { PeopleDrawing } from "./people.ts";

maplibre.setWorkerUrl(workerUrl);

/** Pixels left free around what is brought into view, for pins and the tools over the map. */
const MARGIN = 72;

/** Pixels that a pin stands above its place. */
const PIN = 40;

/** The zoom at which a single place is shown: towns have names by then. */
const CLOSE = 9;

export interface EngineEvents {
  /** The map shows for the first time. */
  readonly ready: () => void;
  /** A map style from elsewhere could not be had; the built-in one is shown. */
  readonly styleFailed: (message: string) => void;
  /** Files of the base map are missing, or have all come. */
  readonly baseMissing: (missing: boolean) => void;
}

/** The drawn map of one session. Needs WebGL. */
export class MapEngine implements Camera {
  readonly #map: maplibre.Map;
  readonly #session: MapSession;
  readonly #features: FeatureDrawing;
  readonly #people: PeopleDrawing;
  readonly #events: EngineEvents;
  readonly #base: BaseMapRetry;
  readonly #stop: (() => void)[] = [];
  #dark: boolean;
  #builtIn = false;
  #placed: boolean;
  #frame: number | undefined;

  /** Throws when the browser cannot draw it. */
  constructor(container: HTMLElement, session: MapSession, dark: boolean, events: EngineEvents) {
    this.#session = session;
    this.#dark = dark;
    this.#events = events;
    const last = lastView(session.handle.id);
    this.#placed = last !== undefined;
    this.#map = new maplibre.Map({
      container,
      style: this.#style(),
      center: last?.center ?? [12, 32],
      zoom: last?.zoom ?? 1.4,
      minZoom: 0.5,
      maxZoom: 19,
      attributionControl: { compact: true },
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.getCanvas().setAttribute("aria-label", "Map. Arrow keys move it, or the pin that is selected");
    this.#map.setMissingStyleImageResolver((name) => {
      const image = drawImage(name, this.#dark);
      if (image !== undefined && !this.#map.hasImage(name)) this.#map.addImage(name, image, { pixelRatio: RATIO });
    });
    this.#features = new FeatureDrawing(this.#map, session, (hue) => hueColor(container, hue));
    this.#people = new PeopleDrawing(this.#map, session);
    listenTo(this.#map, session);
    this.#map.on("style.load", () => this.#dress());
    // What it shows comes in while one can use it already.
    this.#map.once("style.load", () => {
      events.ready();
      // Who follows sees what this person sees, also one who never moves the map.
      this.#look();
    });
    this.#base = new BaseMapRetry(this.#map, events.baseMissing);
    this.#map.on("error", (event) => {
      if (!this.#base.failed(event)) this.#failed(event.error.message);
    });
    this.#map.on("movestart", (event) => {
      if ("originalEvent" in event && event.originalEvent !== undefined) session.follow(undefined);
    });
    this.#map.on("move", () => this.#look());
    this.#map.on("resize", () => this.#keepSelected());
    this.#map.on("moveend", () => {
      const { lng, lat } = this.#map.getCenter();
      save(`view:${session.handle.id}`, { center: [lng, lat], zoom: this.#map.getZoom() });
    });
    this.#stop.push(
      session.handle.subscribe(() => this.#soon()),
      session.subscribe(() => this.#soon()),
    );
    session.camera = this;
    this.#soon();
  }

  setDark(dark: boolean): void {
    if (dark === this.#dark) return;
    this.#dark = dark;
    this.#map.setStyle(this.#style());
  }

  /** Asks again for the files of the base map that are missing. */
  retryBase(): void {
    this.#base.retry();
  }

  remove(): void {
    this.#base.remove();
    for (const stop of this.#stop.splice(0)) stop();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#session.camera = undefined;
    this.#people.remove();
    this.#map.remove();
  }

  center(): LngLat {
    const { lng, lat } = this.#map.getCenter().wrap();
    return [lng, lat];
  }

  show(lines: readonly Line[], closest = CLOSE): void {
    const bounds = boundsOf(lines);
    if (bounds === undefined) return;
    this.#placed = true;
    this.#session.follow(undefined);
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const padding = Math.min(MARGIN, clientWidth / 5, clientHeight / 5);
    const [[west, south], [east, north]] = bounds;
    const camera = this.#map.cameraForBounds([west, south, east, north], { padding, maxZoom: closest });
    if (camera) this.#map.easeTo({ ...camera, duration: 500 });
  }

  offset(place: LngLat, right: number, down: number): LngLat {
    const { x, y } = this.#map.project(this.#near(place));
    const moved = this.#map.unproject([x + right, y + down]);
    return [moved.lng, moved.lat];
  }

  /** Where a place is drawn that is nearest to the middle: the map shows the earth again and again. */
  #near(place: LngLat): [number, number] {
    const [lng, lat] = near(place, this.#map.getCenter().lng);
    return [lng, lat];
  }

  zoomBy(levels: number): void {
    this.#session.follow(undefined);
    this.#map.easeTo({ zoom: this.#map.getZoom() + levels, duration: 200 });
  }

  #style(): string | maplibre.StyleSpecification {
    const own = this.#builtIn ? undefined : ownStyle(this.#dark);
    this.#builtIn ||= own === undefined;
    return own ?? baseStyle(this.#dark);
  }

  #failed(message: string): void {
    if (this.#builtIn || this.#map.isStyleLoaded()) return;
    this.#builtIn = true;
    this.#events.styleFailed(message);
    this.#map.setStyle(baseStyle(this.#dark));
  }

  /** A style is there: the page's own layers go over it. */
  #dress(): void {
    for (const name of SOURCES) if (!this.#map.getSource(name)) this.#map.addSource(name, source(name));
    for (const layer of layers({ dark: this.#dark, font: this.#font() })) {
      if (!this.#map.getLayer(layer.id)) this.#map.addLayer(layer);
    }
    this.#features.begin(this.#dark);
    this.#soon();
  }

  /** A style with glyphs has certain fonts only: one that it uses itself is there. */
  #font(): readonly string[] {
    const style = this.#map.getStyle();
    if (style.glyphs === undefined) return LOCAL_FONT;
    for (const layer of style.layers) {
      const font = layer.type === "symbol" ? layer.layout?.["text-font"] : undefined;
      if (Array.isArray(font) && font.every((name) => typeof name === "string")) return font as string[];
    }
    return ["Noto Sans Regular"];
  }

  /** Once a frame, however much comes in. */
  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#update();
    });
  }

  #update(): void {
    if (this.#map.getSource("features")) this.#features.update();
    this.#people.update();
    this.#placeOnce();
    this.#follow();
  }

  /** The first look is at what there is. */
  #placeOnce(): void {
    if (this.#placed || this.#session.handle.features === undefined) return;
    this.#placed = true;
    const bounds = boundsOf(
      Array.from(this.#session.handle.features.values(), ({ geometry }) => positionsOf(geometry)),
    );
    if (bounds === undefined) return;
    const camera = this.#map.cameraForBounds([...bounds[0], ...bounds[1]] as [number, number, number, number], {
      padding: MARGIN,
      maxZoom: CLOSE,
    });
    if (camera) this.#map.jumpTo(camera);
  }

  /** On a phone the sheet takes half of the map: not the half with what it is about. */
  #keepSelected(): void {
    const { selected, following } = this.#session.view();
    if (following !== undefined) return;
    const geometry = selected === undefined ? undefined : this.#session.handle.feature(selected)?.geometry;
    const bounds = geometry && boundsOf([positionsOf(geometry)]);
    if (geometry === undefined || bounds === undefined) return;
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const inView = positionsOf(geometry).some((place) => {
      const { x, y } = this.#map.project(this.#near(place));
      return x > 0 && x < clientWidth && y > PIN && y < clientHeight;
    });
    const [[west, south], [east, north]] = bounds;
    if (!inView) this.#map.easeTo({ center: [(west + east) / 2, (south + north) / 2], duration: 300 });
  }

  #follow(): void {
    const { following } = this.#session.view();
    const person = following === undefined ? undefined : this.#session.people().find(({ conn }) => conn === following);
    const target = person?.viewport;
    if (target) {
      const { lng, lat } = this.#map.getCenter();
      const [toLng, toLat] = near(target.center, lng);
      const there = Math.hypot(lng - toLng, lat - toLat) < 1e-5 && Math.abs(this.#map.getZoom() - target.zoom) < 0.01;
      if (!there)
        this.#map.easeTo({ center: [toLng, toLat], zoom: target.zoom, duration: 150, easing: (part) => part });
    } else if (person?.location) {
      this.#map.easeTo({ center: [person.location.lng, person.location.lat], duration: 150 });
    }
  }

  #look(): void {
    const { lng, lat } = this.#map.getCenter().wrap();
    this.#session.lookAt({ center: [round(lng), round(lat)], zoom: Number(this.#map.getZoom().toFixed(2)) });
  }
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function lastView(id: string): { readonly center: [number, number]; readonly zoom: number } | undefined {
  const stored = load(`view:${id}`);
  if (typeof stored !== "object" || stored === null || !("center" in stored) || !("zoom" in stored)) return undefined;
  const { center, zoom } = stored;
  const [lng, lat] = Array.isArray(center) ? (center as unknown[]) : [];
  if (typeof lng !== "number" || typeof lat !== "number" || typeof zoom !== "number") return undefined;
  return { center: [lng, lat], zoom };
}

const known = new Map<string, string>();

/** A person's colour as MapLibre can read it: the tokens have it in a form that only browsers know. */
function hueColor(container: HTMLElement, hue: number): string {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const key = `${hue}/${dark}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const probe = document.createElement("span");
  probe.dataset["hue"] = String(hue);
  probe.style.color = "var(--person)";
  container.append(probe);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  let color = "#2f62ad";
  if (context !== null) {
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
    color = `rgb(${r}, ${g}, ${b})`;
  }
  probe.remove();
  known.set(key, color);
  return color;
}
