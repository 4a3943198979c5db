import type { LngLat, NewFeature } from "roomcast";
import type { VersionInfo } from "../../../src/room/api.ts";
import { ApiError } from "../history/api.ts";

export { messageFor } from "../history/api.ts";
export type { VersionInfo } from "../../../src/room/api.ts";

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

const JSON_BODY = "application/json";

/** The routes of one map: sessions, files, meeting point. */
export class MapApi {
  readonly base: string;

  constructor(id: string) {
    this.base = `/map/${encodeURIComponent(id)}`;
  }

  async sessions(): Promise<readonly VersionInfo[]> {
    const { versions } = await this.#ask<{ readonly versions: readonly VersionInfo[] }>("GET", "/versions");
    return versions.toSorted((a, b) => b.savedAt - a.savedAt);
  }

  async save(name: string): Promise<void> {
    await this.#ask("POST", "/versions", JSON.stringify({ name }));
  }

  async restore(name: string): Promise<void> {
    await this.#ask("POST", `/versions/${encodeURIComponent(name)}/restore`);
  }

  async remove(name: string): Promise<void> {
    await this.#ask("DELETE", `/versions/${encodeURIComponent(name)}`);
  }

  async duplicate(to: string): Promise<void> {
    await this.#ask("POST", "/duplicate", JSON.stringify({ to }));
  }

  meeting(): Promise<MeetingAnswer> {
    return this.#ask("GET", "/meeting");
  }

  /** What is in a GeoJSON or GPX file; it is not put into the map. */
  read(file: File): Promise<FileContent> {
    const type = file.name.toLowerCase().endsWith(".gpx") ? "application/gpx+xml" : "application/geo+json";
    return this.#ask("POST", "/import?dry=1", file, type);
  }

  async #ask<T>(method: string, path: string, body?: string | File, type = JSON_BODY): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method,
        headers: { accept: JSON_BODY, ...(body === undefined ? {} : { "content-type": type }) },
        ...(body === undefined ? {} : { body }),
      });
    } catch {
      throw new ApiError("The server cannot be reached just now.");
    }
    const text = await response.text();
    if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
    throw new ApiError(messageOf(text) ?? `The server answered ${response.status}.`);
  }
}

function messageOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: string; readonly path?: string } };
    return error?.path === undefined ? error?.message : `${error.message ?? ""} (at ${error.path})`;
  } catch {
    return undefined;
  }
}
