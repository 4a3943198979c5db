import type { ClosingCode, Code } from "../protocol/codes.ts";
import type { ClientCode, RoomcastErrorFields } from "./types.ts";

interface Place {
  readonly intent?: number | undefined;
  readonly path?: string | undefined;
  readonly retryAfter?: number | undefined;
}

/**
 * What a rejected mutation or `ready()` rejects with. `code` is for programs and stable; `closed` means
 * that the handle ended before the room answered, so that the mutation may or may not have been applied; `no_address`, that
 * the room's address could not be had, and is tried for again.
 */
export class RoomcastError extends Error implements RoomcastErrorFields {
  readonly code: Code | ClientCode;
  /** Index of the intent at fault within its mutation, from 0. */
  readonly intent?: number;
  /** JSON Pointer to the fault. */
  readonly path?: string;
  /** With `too_many_requests`, where it is known: the least time to wait, in milliseconds. */
  readonly retryAfter?: number;

  constructor(code: Code | ClientCode, message: string, place: Place = {}) {
    super(message);
    this.name = "RoomcastError";
    this.code = code;
    if (place.intent !== undefined) this.intent = place.intent;
    if (place.path !== undefined) this.path = place.path;
    if (place.retryAfter !== undefined) this.retryAfter = place.retryAfter;
  }
}

// The names of close codes 4500 and up, in order. CODES has the same and much prose; a test compares the two.
const TERMINAL = [
  "bad_json",
  "bad_message",
  "unauthorized",
  "forbidden",
  "too_large",
  "unsupported_version",
  "bad_room_id",
  "origin_refused",
  "not_found",
] as const satisfies readonly ClosingCode[];

/** The error code that a terminal close code stands for; undefined for one that this version does not know. */
export function terminalCode(closeCode: number): ClosingCode | undefined {
  return TERMINAL[closeCode - 4500];
}

/** Hands an error that no caller can catch to the page's error handlers, or to the console elsewhere. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  // oxlint-disable-next-line no-console -- Node has no other place for it
  else console.error(error);
}
