import type { RoomcastError } from "../roomcast.ts";

/** What a person is told when the room did not take their change: what happened, and the room's own words. */
export function refusalWords(error: Pick<RoomcastError, "code" | "message">): {
  readonly text: string;
  readonly detail: string;
} {
  return { text: headline(error.code), detail: error.message };
}

function headline(code: RoomcastError["code"]): string {
  switch (code) {
    case "too_large":
    case "too_deep":
    case "storage_full":
      return "That is too much for this document; it was taken back.";
    case "forbidden":
    case "unauthorized":
      return "You may not change this; it was taken back.";
    case "conflict":
    case "version_mismatch":
      return "Somebody changed the same place; your change was taken back.";
    case "too_many_requests":
      return "Too many changes at once; the last one was taken back.";
    default:
      return "The change was not taken.";
  }
}
