import type { RoomcastError } from "../roomcast.ts";

/** What a person is told when the room did not take their change: what happened, and the room's own words. */
export function refusalWords(error: Pick<RoomcastError, "code" | "message">): {
  readonly text: string;
  readonly detail: string;
} {
  return { text: headline(error.code), detail: error.message };
}

function headline(code: RoomcastError["code"]): string {
  return HEADLINES[code] ?? "The change was not taken.";
}

const TOO_MUCH = "That is too much for this document; it was taken back.";
const NOT_ALLOWED = "You may not change this; it was taken back.";
const IN_BETWEEN = "Somebody changed the same place; your change was taken back.";

const HEADLINES: Partial<Record<RoomcastError["code"], string>> = {
  too_large: TOO_MUCH,
  too_deep: TOO_MUCH,
  storage_full: TOO_MUCH,
  forbidden: NOT_ALLOWED,
  unauthorized: NOT_ALLOWED,
  conflict: IN_BETWEEN,
  version_mismatch: IN_BETWEEN,
  too_many_requests: "Too many changes at once; the last one was taken back.",
};
