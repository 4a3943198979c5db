import type { VersionInfo } from "../../../src/room/api.ts";
import { Api } from "../lib/api.ts";

export type { VersionInfo } from "../../../src/room/api.ts";

/** The routes of a room's saved versions, which are the same for every kind that has them. */
export class SavedApi extends Api {
  /** The newest comes first. */
  async list(): Promise<readonly VersionInfo[]> {
    const { versions } = await this.ask<{ readonly versions: readonly VersionInfo[] }>("GET", "/versions");
    return versions.toSorted((a, b) => b.savedAt - a.savedAt);
  }

  async save(name: string): Promise<void> {
    await this.ask("POST", "/versions", { name });
  }

  async restore(name: string): Promise<void> {
    await this.ask("POST", `/versions/${encodeURIComponent(name)}/restore`);
  }

  async remove(name: string): Promise<void> {
    await this.ask("DELETE", `/versions/${encodeURIComponent(name)}`);
  }
}
