import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { RoomRules } from "./resource.ts";

const MAX_CHARACTERS = 256;

/** A room's id from its place in a path: percent-decoded, 1 to 256 characters, no controls, not dots alone. */
export function decodeRoomId(raw: string): string | Refusal {
  const id = decodeSegment(raw);
  if (id === undefined) return refuse("bad_room_id", "The room id has a malformed percent escape.");
  if (/\p{Cc}/u.test(id)) return refuse("bad_room_id", "A room id has no control characters.");
  // In a path they are steps, escaped or not, and never come here; a query can hold them.
  if (id === "." || id === "..") return refuse("bad_room_id", "A room id is not `.` or `..`.");
  // By code points, as people count them; the length in UTF-16 first, so that nobody makes us spread a novel.
  if (id === "" || id.length > MAX_CHARACTERS * 2 || Array.from(id).length > MAX_CHARACTERS) {
    return refuse("bad_room_id", `A room id has 1 to ${MAX_CHARACTERS} characters.`);
  }
  return id;
}

/** The id of a room that has no name, and is known by an unguessable link alone. */
export function isPrivateId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

/** Whether a route's rooms may be called so: a name within its limit, in UTF-16 units, or a private room's id. */
export function checkName(id: string, { longestName = Infinity }: RoomRules): Refusal | undefined {
  if (id.length <= longestName || isPrivateId(id)) return undefined;
  return refuse("bad_room_id", `Such a room's name has at most ${longestName} characters.`);
}

/** A percent-decoded path segment; undefined for escapes that are malformed or not UTF-8. */
export function decodeSegment(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}
