import type { HistoryPage } from "../../../src/room/api.ts";
import type { Json } from "../lib/json.ts";
import { SavedApi } from "../saved/api.ts";

export type { HistoryPage, HistoryRun } from "../../../src/room/api.ts";

/** The routes of one document's saved versions and of its history. */
export class HistoryApi extends SavedApi {
  constructor(id: string) {
    super(`/doc/${encodeURIComponent(id)}`);
  }

  read(name: string): Promise<Json> {
    return this.ask("GET", `/versions/${encodeURIComponent(name)}`);
  }

  /** `from` is the number of an op. */
  history(from: number, limit: number): Promise<HistoryPage> {
    return this.ask("GET", `/history?from=${from}&limit=${limit}`);
  }
}
