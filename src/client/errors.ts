import type { Code } from "../protocol/codes.ts";
import type { ClientCode, RoomcastErrorFields } from "./types.ts";

interface Place {
  readonly intent?: number | undefined;
  readonly path?: string | undefined;
  readonly retryAfter?: number | undefined;
}

/**
 * What a rejected mutation or `ready()` rejects with. `code` is for programs and stable; `closed` means
 * that the handle ended before the room answered, so that the mutation may or may not have been applied; `no_address`, that
 * the room's address could not be resolved, and that the client tries again. Where the room itself ends the handle
 * (`status.phase` is `closed`), the code says why, and whether unanswered mutations were applied is just as unknown.
 */
export class RoomcastError extends Error implements RoomcastErrorFields {
  declare readonly code: Code | ClientCode;
  /** Index of the intent at fault within its mutation, from 0. */
  declare readonly intent?: number;
  /** JSON Pointer to the fault. */
  declare readonly path?: string;
  /** With `too_many_requests`, where it is known: the least time to wait, in milliseconds. */
  declare readonly retryAfter?: number;

  constructor(code: Code | ClientCode, message: string, place: Place = {}) {
    super(message);
    this.name = "RoomcastError";
    const { intent, path, retryAfter } = place;
    Object.assign(this, { code, intent, path, retryAfter });
  }
}

/**
 * The error that a close frame tells of, by its reason `code: message`; undefined for a close without one. `refusal` is the
 * last refusal outside of a mutation: its message is whole, where a close frame has room for 123 bytes.
 */
export function errorOfClose(closeCode = 0, reason = "", refusal?: RoomcastError): RoomcastError | undefined {
  const [, code, message = ""] = (closeCode >= 4400 && /^([a-z_]+): (.*)/s.exec(reason)) || [];
  if (code === undefined) return undefined;
  return refusal?.code === code && refusal.message.startsWith(message)
    ? refusal
    : new RoomcastError(code as Code, message);
}

/** Hands an error that no caller can catch to the page's error handlers, or to the console elsewhere. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  // oxlint-disable-next-line no-console -- Node has no other place for it
  else console.error(error);
}
