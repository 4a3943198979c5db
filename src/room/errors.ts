import { CODES, type Code } from "../protocol/codes.ts";
import type { Failed } from "./api.ts";

/**
 * A write that the room refused. Between a room and the Worker an error keeps its message alone, so the
 * message begins with the code; `codeOf` reads it on the other side.
 */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly code: Code;

  constructor(failed: Pick<Failed, "code" | "message">) {
    super(`${failed.code}: ${failed.message}`);
    this.code = failed.code;
  }
}

/** The code of an error that a room method threw, also across RPC; undefined for any other error. */
export function codeOf(error: unknown): Code | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, code] = /(?:^|\s)([a-z_]+): /.exec(error.message) ?? [];
  return code !== undefined && Object.hasOwn(CODES, code) ? (code as Code) : undefined;
}
