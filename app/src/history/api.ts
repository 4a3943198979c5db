import type { HistoryPage, VersionInfo } from "../../../src/room/api.ts";
import type { Json } from "../lib/json.ts";

export type { HistoryPage, HistoryRun, VersionInfo } from "../../../src/room/api.ts";

/** What a route answered instead of what was asked. The message is for people. */
export class ApiError extends Error {}

/** The routes of one document's saved versions and of its history. */
export class HistoryApi {
  readonly #base: string;

  constructor(id: string) {
    this.#base = `/doc/${encodeURIComponent(id)}`;
  }

  async list(): Promise<readonly VersionInfo[]> {
    const answer = await this.#ask<{ readonly versions: readonly VersionInfo[] }>("GET", "/versions");
    return answer.versions.toSorted((a, b) => b.savedAt - a.savedAt);
  }

  async save(name: string): Promise<void> {
    await this.#ask("POST", "/versions", { name });
  }

  read(name: string): Promise<Json> {
    return this.#ask("GET", `/versions/${encodeURIComponent(name)}`);
  }

  async restore(name: string): Promise<void> {
    await this.#ask("POST", `/versions/${encodeURIComponent(name)}/restore`);
  }

  async remove(name: string): Promise<void> {
    await this.#ask("DELETE", `/versions/${encodeURIComponent(name)}`);
  }

  /** `from` is the number of an op. */
  history(from: number, limit: number): Promise<HistoryPage> {
    return this.#ask("GET", `/history?from=${from}&limit=${limit}`);
  }

  async #ask<T>(method: string, path: string, body?: Json): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.#base + path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
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
    return (JSON.parse(text) as { readonly error?: { readonly message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}

/** What to tell a person about something that went wrong. */
export function messageFor(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
