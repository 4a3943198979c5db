import type { Map as LibreMap } from "maplibre-gl";
import { SOURCES } from "./layers.ts";

/** Waits between attempts, in milliseconds; the last one repeats. */
const RETRY_MS = [2_000, 5_000, 15_000, 30_000];

interface SourceEvent {
  readonly sourceId?: string;
  readonly error: object;
  readonly tile?: unknown;
}

/** Watches the files of the base map: says when some are missing, and asks for them again until they come. */
export class BaseMapRetry {
  readonly #map: LibreMap;
  readonly #changed: (missing: boolean) => void;
  readonly #missing = new Set<string>();
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(map: LibreMap, changed: (missing: boolean) => void) {
    this.#map = map;
    this.#changed = changed;
    map.on("sourcedata", (event) => this.#came(event));
    window.addEventListener("online", this.retry);
  }

  /** Whether an error is about a file of the base map. */
  failed({ sourceId, error, tile }: SourceEvent): boolean {
    if (sourceId === undefined || (SOURCES as readonly string[]).includes(sourceId)) return false;
    // Tile servers have no tiles where there is nothing.
    if (tile !== undefined && "status" in error && error.status === 404) return true;
    const isNews = this.#missing.size === 0;
    this.#missing.add(sourceId);
    if (isNews) this.#changed(true);
    this.#timer ??= setTimeout(this.retry, RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)]);
    return true;
  }

  /** Asks at once for all that is missing. */
  readonly retry = (): void => {
    this.#stop();
    this.#attempt += 1;
    const { sources } = this.#map.getStyle();
    for (const id of this.#missing) {
      const spec = sources[id];
      const source = this.#map.getSource(id);
      // A style that replaced the one of this file does not need it.
      if (spec === undefined || source === undefined) this.#have(id);
      else if (spec.type === "geojson" && "setData" in source) {
        void (source as { setData(data: unknown): Promise<void> }).setData(spec.data);
      } else this.#map.refreshTiles(id);
    }
  };

  remove(): void {
    this.#stop();
    window.removeEventListener("online", this.retry);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #came(event: { readonly sourceId?: string; readonly sourceDataType?: string; readonly tile?: unknown }): void {
    const { sourceId, sourceDataType, tile } = event;
    if (sourceId !== undefined && (sourceDataType === "content" || tile !== undefined)) this.#have(sourceId);
  }

  #have(id: string): void {
    if (!this.#missing.delete(id) || this.#missing.size > 0) return;
    this.#stop();
    this.#attempt = 0;
    this.#changed(false);
  }
}
