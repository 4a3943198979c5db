import type { LngLat, NewFeature } from "roomcast";
import { MAP_ROOM_LIMITS } from "../../../src/kinds/map/kind.ts";
import type { FileChange } from "../../../src/kinds/map/fit.ts";
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
  /** What was cut, split or left out so that a map can hold it. */
  readonly changes?: readonly FileChange[];
  /** Changes beyond those listed. */
  readonly moreChanges?: number;
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
    return this.ask("POST", "/import?dry=1", file, SNIFFED);
  }

  /** Puts a whole file into the map, however large. No client did it, so none can undo it. */
  async import(file: File): Promise<void> {
    await this.ask("POST", "/import", file, SNIFFED);
  }
}

/** The server looks at the file itself: names and types of files are often wrong. */
const SNIFFED = "application/octet-stream";

const ONE_MUTATION = MAP_ROOM_LIMITS.intentBytes ?? 0;

/** Whether features fit one mutation of this client: then they are one change of its own, which it can undo. */
export function fitsOne(features: readonly NewFeature[]): boolean {
  return new Blob([JSON.stringify([{ type: "import", features }])]).size <= ONE_MUTATION;
}
