import type { LngLat, NewFeature } from "roomcast";
import { SavedApi } from "../saved/api.ts";

/** Where those who share their location meet, as `GET /map/<id>/meeting` says it. */
export interface MeetingAnswer {
  readonly by: "road" | "great-circle";
  readonly point: LngLat;
  /** Why it is not by road though it could be. */
  readonly note?: string;
  readonly people: readonly MeetingWay[];
}

export interface MeetingWay {
  readonly conn: string;
  readonly name?: string;
  /** Metres. */
  readonly distance: number;
  /** Seconds; by road only. */
  readonly duration?: number;
  readonly line: { readonly coordinates: readonly LngLat[] };
}

export interface FileContent {
  readonly features: readonly NewFeature[];
  /** What the file has and a map does not take. */
  readonly skipped: number;
}

/** The routes of one map: sessions, files, meeting point. */
export class MapApi extends SavedApi {
  constructor(id: string) {
    super(`/map/${encodeURIComponent(id)}`);
  }

  async duplicate(to: string): Promise<void> {
    await this.ask("POST", "/duplicate", { to });
  }

  meeting(): Promise<MeetingAnswer> {
    return this.ask("GET", "/meeting");
  }

  /** What is in a GeoJSON or GPX file; it is not put into the map. */
  read(file: File): Promise<FileContent> {
    const type = file.name.toLowerCase().endsWith(".gpx") ? "application/gpx+xml" : "application/geo+json";
    return this.ask("POST", "/import?dry=1", file, type);
  }
}
