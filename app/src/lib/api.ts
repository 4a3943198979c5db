import type { Json } from "./json.ts";

/** What a route answered instead of what was asked. The message is for people. */
export class ApiError extends Error {}

const JSON_BODY = "application/json";

/** The routes below one path. */
export class Api {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  /** A file is sent as it is, of the given type; anything else as JSON. */
  protected async ask<T>(method: string, path: string, body?: Json | File, type = JSON_BODY): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method,
        headers: { accept: JSON_BODY, ...(body === undefined ? {} : { "content-type": type }) },
        ...(body === undefined ? {} : { body: body instanceof File ? body : JSON.stringify(body) }),
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

/** What to tell a person about something that went wrong. */
export function messageFor(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
